"""How well copies of one story are told from stories that only share a subject."""
