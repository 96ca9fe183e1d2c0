"""What the service says of an audit in words: pure functions from facts to English."""
