"""People: accounts, with their passwords, second factors, sessions and personal keys."""
