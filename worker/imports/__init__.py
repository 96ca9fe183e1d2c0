"""Fetching a file from an address: where it may lead, how it is reached, and what of the answer is believed."""
