"""The demonstration: hand-drawn characters under clear terms, and a small target trained on them."""
