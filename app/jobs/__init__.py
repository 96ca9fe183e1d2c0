"""Durable jobs: the `job` row is the truth and the outbox; a broker message only says "job N may be ready"."""
