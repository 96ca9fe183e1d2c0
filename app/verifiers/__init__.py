"""Verifiers: embedders that judge reconstructions."""
