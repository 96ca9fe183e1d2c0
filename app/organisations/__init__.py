"""Organisations: what projects and people belong to."""
