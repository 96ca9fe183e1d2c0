"""Attacks on real models: how much each finds, and what it depends on."""
