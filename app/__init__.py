"""The Exhume service: API, job queue, storage, embedded servers, command line.

Never imports torch.
"""

__version__ = "0.1.0"
