"""Parsers that identify an untrusted file by its bytes. Standard library only.

They read containers, headers, names and shapes.
"""
