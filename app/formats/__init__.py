"""What an untrusted file is, told from its bytes: containers, headers, names and shapes. Standard library only."""
