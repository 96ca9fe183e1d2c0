"""Attacks on real models: how much each finds, and which settings matter."""
