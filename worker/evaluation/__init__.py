"""Evaluation: verifiers, controls, metrics, statistics and the verdict. Never seen by an attack."""
