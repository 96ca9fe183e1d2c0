"""Fetching a file from an address: permitted hosts, safe connections, checked answers."""
