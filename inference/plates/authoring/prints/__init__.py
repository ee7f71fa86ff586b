"""Mockups as scripts: objects of exact geometry, their settings, and how they are baked."""
