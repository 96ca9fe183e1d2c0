"""Legal holds: what must not be deleted, neither by a person nor at the end of its retention."""
