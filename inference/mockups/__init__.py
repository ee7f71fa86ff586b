"""Mockups: the seller's artwork printed on an object that was path-traced ahead of time.

`format` says what a print plate is, `files` stores one, `library` finds them; `artwork`, `placing`
and `warp` bring the artwork onto the object, `compositor` lights it. `docs/mockups.md` tells it.
"""
