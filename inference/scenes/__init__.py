"""The scene compositor: a cut-out product in a plate, as if it had been photographed there."""
