"""Notifications: events of a project, sent to webhooks and by e-mail."""
