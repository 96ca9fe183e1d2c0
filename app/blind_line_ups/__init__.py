"""Blind line-ups: people say whom a reconstruction shows, without knowing whom it should show."""
