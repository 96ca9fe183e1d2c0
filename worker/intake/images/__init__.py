"""Unpacking of data sets (ZIP or .npz) in the sandbox, and the checks before it."""
