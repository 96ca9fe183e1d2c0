"""Numbered events of an audit, written in the job's transaction and sent as server-sent events."""
