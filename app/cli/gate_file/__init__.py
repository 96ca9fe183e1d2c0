"""The gate file, `exhume.yaml`: what a gate audits, by which policy, and what it writes."""

from app.cli.gate_file.reading import GateFile, read_gate_file

__all__ = ["GateFile", "read_gate_file"]
