"""One attempt at a job, as a stage sees it: claim, heartbeat, and database access that is fenced and retried."""
