"""What the engine computed when it was last changed on purpose: reconstructions and trained weights of tiny cases."""
