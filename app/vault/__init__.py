"""Sealed objects and their keys. A key of the project wraps them, a key of the service that."""
