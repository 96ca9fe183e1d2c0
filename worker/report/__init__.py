"""The result document, from what the stages found."""
