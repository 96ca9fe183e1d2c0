"""Documents that cross a boundary, each described once: service, worker, command line and dashboard read them here."""
