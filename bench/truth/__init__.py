"""Audits of models whose truth is known, through the service as a user runs it."""
