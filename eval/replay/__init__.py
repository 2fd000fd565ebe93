"""Requests to models, recorded and given back, so that a run with a model needs no network."""
