"""Data sets: public, private and gallery images."""
