"""Data sets: public and private image sets."""
