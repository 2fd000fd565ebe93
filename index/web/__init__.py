"""Addresses to articles: what was fetched is a story, a list of stories, or neither."""
