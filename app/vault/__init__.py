"""Keys of stored objects. A key of their project wraps them, a key of the service wraps that."""
