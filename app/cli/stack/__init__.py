"""The whole service on one machine, started, watched and stopped by `exhume up`."""
