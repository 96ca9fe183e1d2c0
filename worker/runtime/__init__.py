"""Running one job: claim, heartbeat, stage, fenced end."""
