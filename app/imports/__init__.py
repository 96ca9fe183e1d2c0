"""Imports: files that the service fetches from an address."""
