"""Backups of database and object store together, and their restoration."""
