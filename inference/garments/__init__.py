"""Garments: a flat-lay photo is read, cut as a pattern, sewn, draped on a mannequin and lit."""
