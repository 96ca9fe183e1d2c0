"""Structured logs, watchers of requests, and traces."""
