"""Audits: a plan run against a release, and what came out."""
