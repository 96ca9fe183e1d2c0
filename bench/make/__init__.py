"""Scripts that make the shipped assets."""
