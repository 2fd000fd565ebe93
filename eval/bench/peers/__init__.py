"""Dateline beside what others would build with: the same articles, the same embedding model."""
