"""A language model as a second rater of answers, and how far it agrees with people."""
