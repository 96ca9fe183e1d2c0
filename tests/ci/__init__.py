"""Recipes for build systems, run with the variables that those systems set."""
