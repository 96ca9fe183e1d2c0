"""The inversion engine: pure torch, from a target, a prior and public images to reconstructions."""
