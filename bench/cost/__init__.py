"""Time and memory of the engine, the intake and the service."""
