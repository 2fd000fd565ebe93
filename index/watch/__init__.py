"""A schedule of sources, kept up as one process: when to look where, and what to do next."""
