"""Who is asking and what they may do: API keys, dashboard sessions, scopes, tenancy, the audit log."""
