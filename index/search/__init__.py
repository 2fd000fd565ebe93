"""Question → passages: how a question is read, searched for and ranked."""
