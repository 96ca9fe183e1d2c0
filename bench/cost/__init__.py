"""Time and memory: of the engine, of the intake, of the service."""
