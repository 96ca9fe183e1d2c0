"""Signatures: keys, DSSE envelopes, and what a signed file says about a checkpoint. Offline."""
