"""Shipped priors, verifiers and reference models, each with a card that says how it was made."""
