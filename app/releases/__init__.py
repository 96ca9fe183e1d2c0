"""Releases: checkpoints of a target."""
