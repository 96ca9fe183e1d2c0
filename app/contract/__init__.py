"""Documents that service, worker, command line and dashboard exchange, each described once."""
