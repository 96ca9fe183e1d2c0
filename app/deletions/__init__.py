"""Deletion of data sets, releases, verifiers, pictures of audits, and projects, with receipts."""
