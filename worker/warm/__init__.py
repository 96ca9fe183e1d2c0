"""Processes that start in milliseconds: forked from a parent that has loaded their libraries."""
