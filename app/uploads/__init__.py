"""Uploads of files, in one request or by the tus protocol."""
