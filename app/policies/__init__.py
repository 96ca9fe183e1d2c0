"""Policies, the decisions that they lead to, and waivers."""
