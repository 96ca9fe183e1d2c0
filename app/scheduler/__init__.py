"""The scheduler: expired leases, schedules, decisions, deliveries, retention and uploads."""
