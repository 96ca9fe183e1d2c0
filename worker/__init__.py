"""The Exhume worker: jobs, the inversion engine and the evaluation."""
