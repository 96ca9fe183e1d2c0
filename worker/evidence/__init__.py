"""Inputs and findings that the stages of an audit share."""
