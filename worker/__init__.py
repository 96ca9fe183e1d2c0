"""The Exhume worker: runs jobs, and holds the pure inversion engine and evaluation."""
