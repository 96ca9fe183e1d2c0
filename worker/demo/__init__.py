"""The demo: hand-drawn characters with a clear licence, and a small target trained on them."""
