"""The report of an audit that somebody signs: HTML, PDF, and a section for a model card."""
