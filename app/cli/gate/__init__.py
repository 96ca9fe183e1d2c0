"""`exhume gate`: from a gate file to a decision, its reports and an exit code."""

from app.cli.gate.command import gate

__all__ = ["gate"]
