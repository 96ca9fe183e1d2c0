"""Stored documents of older versions become documents of the current one, a version at a time."""
