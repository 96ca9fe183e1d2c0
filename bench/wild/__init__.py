"""Files as users bring them, in one table: what each is, and the right answer to it.

The table is `cases.toml`. The other modules build the files, small and with random weights.
"""
