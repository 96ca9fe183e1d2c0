"""Metrics for Prometheus, served by the API process on a port of their own."""
