"""What is held about one identity: its export and its erasure."""
