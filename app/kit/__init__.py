"""Shared parts of all endpoints: ids, cursors, secrets, problems and middleware."""
