"""Score cutouts against masks: measures, tables and contact sheets."""
