"""The object store for checkpoints, data sets, priors and students."""

from app.storage.store import Received, Store, store

__all__ = ["Received", "Store", "store"]
