"""The state of a project at a glance: every target, and what needs a person."""
