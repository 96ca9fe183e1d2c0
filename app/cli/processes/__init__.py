"""Entry points of the service's processes: small modules, run with `python -m`."""
