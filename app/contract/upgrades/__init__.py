"""Upgrades of stored documents to the current version, one version at a time."""
