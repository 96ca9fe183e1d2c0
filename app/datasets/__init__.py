"""Datasets: public and private image sets."""
