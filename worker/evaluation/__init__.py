"""Verifiers, controls, metrics, statistics and the verdict. Attacks never use any of them."""
