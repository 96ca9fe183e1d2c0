"""What decides a verdict, and how much evidence that takes: pure functions for the estimate and the report."""
