"""Database: engine, sessions and one file per table."""
