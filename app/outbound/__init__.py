"""Requests to addresses that users name: only to checked addresses."""
