"""Imports: files that the service fetches from an address instead of being sent them."""
