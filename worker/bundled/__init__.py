"""Shipped assets: a trained prior and two verifiers, each with the card that says how it was made."""
