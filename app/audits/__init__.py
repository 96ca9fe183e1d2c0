"""Audits: a plan that is run against a release, and its result."""
