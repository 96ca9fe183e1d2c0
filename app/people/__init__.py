"""People: accounts, their passwords, second factors, sessions and keys."""
