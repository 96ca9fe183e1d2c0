"""Fuzzing of the parsers, by seeded mutation in the tests and by coverage with atheris."""
