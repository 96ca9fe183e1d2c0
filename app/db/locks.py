"""Numbers of PostgreSQL's advisory locks that processes hold."""

SCHEDULER_LOCK = 0x4578_6875_6D65  # "Exhume"
