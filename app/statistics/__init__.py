"""Resampling of identities, and the change of R between two audits. Numpy alone."""
