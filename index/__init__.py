"""The archive: articles, where they come from, how they are kept, and how they are found."""
