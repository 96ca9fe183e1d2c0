"""One attempt at a job, as a stage sees it."""
