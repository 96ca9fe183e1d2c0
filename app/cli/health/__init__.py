"""Checks of `exhume doctor`, one function each. Each finding says how to fix the problem."""
