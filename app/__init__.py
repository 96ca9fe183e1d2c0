"""The Exhume service: API, job queue, storage, embedded servers and command line. Never imports torch."""
