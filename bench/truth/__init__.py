"""Audits of models with a known truth, run through the service as a user would."""
