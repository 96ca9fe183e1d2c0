"""Targets: lines of models."""
