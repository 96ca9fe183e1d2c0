"""The inversion engine in torch: from a target, a prior and public images to reconstructions."""
