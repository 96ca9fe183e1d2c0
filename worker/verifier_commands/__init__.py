"""Processes that make verifiers: `train` a pair, or `convert` published ones."""
