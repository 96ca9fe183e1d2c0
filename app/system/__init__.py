"""The installation itself: health, versions, workers, queue, dashboard."""
