"""`exhume demo`: a real audit of a small model, from training it to the verdict."""

from app.cli.demo.command import demo

__all__ = ["demo"]
