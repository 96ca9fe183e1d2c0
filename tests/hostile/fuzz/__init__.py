"""Fuzzing of the parsers: by seeded mutation in the test suite, by coverage with atheris (`README.md`)."""
