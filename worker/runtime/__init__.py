"""The run of one job: claim, heartbeat, stage, fenced end."""
