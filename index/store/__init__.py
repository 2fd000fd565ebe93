"""The library: the catalog as the store of record, and the two indexes derived from it."""
