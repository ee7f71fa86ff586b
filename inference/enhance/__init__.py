"""Making a photo better before pictures are made of it: white, exposure, noise, blur, size.

Every step is asked for, measured, and refused in a sentence where it would not help. The photo
itself is never changed: what comes out is another photo.
"""
