"""The scheduler: expired leases, retention and unfinished uploads."""
