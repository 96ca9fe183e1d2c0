"""What `exhume doctor` checks: one function for each question; each answer says how to fix what is wrong."""
