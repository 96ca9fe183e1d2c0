"""The whole service on one machine: what `exhume up` starts, watches and stops."""
