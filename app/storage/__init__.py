"""The object store: checkpoints, image sets, priors, students."""

from app.storage.store import Received, Store, store

__all__ = ["Received", "Store", "store"]
