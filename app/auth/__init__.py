"""Authentication and permissions: API keys, dashboard sessions, scopes, tenancy, the audit log."""
