"""Sentences about an audit: pure functions from facts to English."""
