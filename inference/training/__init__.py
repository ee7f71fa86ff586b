"""How our own segmenter is trained: never imported by the engine, only run by hand on a GPU."""
