"""Limits of projects, and what they use."""
