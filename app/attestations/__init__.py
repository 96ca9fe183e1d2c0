"""Attestations: what the service signs, and the keys it signs with."""
