"""The rules of the gate, one per file. Each reads a case and says what it found."""
