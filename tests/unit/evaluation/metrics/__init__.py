"""Metrics against independent implementations."""
