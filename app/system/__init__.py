"""The installation: health, versions, workers, queue and dashboard."""
