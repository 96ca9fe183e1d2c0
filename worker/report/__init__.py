"""The result document, built from the findings of the stages."""
