"""Durable jobs. The `job` row is the source of truth and the outbox.

A broker message only means that a job may be ready.
"""
