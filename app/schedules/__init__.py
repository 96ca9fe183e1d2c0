"""Schedules: audits of a target at regular times."""
