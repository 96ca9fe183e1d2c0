"""Entry points of the service's processes: light modules, run with `python -m`."""
