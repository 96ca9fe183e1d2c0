"""The story of an audit: numbered events, appended in the writer's transaction, read by server-sent events."""
