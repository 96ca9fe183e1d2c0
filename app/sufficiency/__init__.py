"""Pure functions on what decides a verdict and how much evidence that needs."""
