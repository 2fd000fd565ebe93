"""Tests without labels, made of any library: what an article says must be found in that article."""
