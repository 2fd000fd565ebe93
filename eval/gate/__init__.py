"""Is a run worse than the one before it, which cases are, and is that more than chance?"""
