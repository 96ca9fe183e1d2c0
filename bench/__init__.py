"""Benchmarks and the scripts that make the shipped assets."""
