"""What `exhume doctor` looks at: one function a question, each answer says how to mend what is wrong."""
