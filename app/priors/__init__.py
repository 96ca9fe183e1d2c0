"""Priors that stages made from public images and keep for later audits."""
