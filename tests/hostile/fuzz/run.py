"""Coverage-guided fuzzing: `python -m tests.hostile.fuzz.run PARSER [OPTIONS OF LIBFUZZER]`."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["worker.intake", "pickletools"]):
    from tests.hostile.fuzz.targets import TARGETS


def main() -> None:
    """Run the fuzzer. The first argument names the parser; libFuzzer gets the rest."""
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in TARGETS:
        sys.exit(f"name one of the parsers: {', '.join(TARGETS)}")
    target = TARGETS[name]
    atheris.Setup(sys.argv, lambda data: target(data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
