"""What every endpoint needs and no noun owns: ids, cursors, secrets, problems, idempotency, middleware."""
