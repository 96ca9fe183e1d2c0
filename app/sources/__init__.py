"""Watched sources: new files elsewhere become releases, which are audited."""
