"""Verifiers: networks that say whether two images show the same identity."""
