"""A seller's own photo of a place as a scene: what is guessed of it, and the plate made from it."""
