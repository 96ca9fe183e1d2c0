"""Recorded results of the engine: reconstructions and trained weights of tiny cases."""
