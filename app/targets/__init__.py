"""Targets: model lines with releases."""
