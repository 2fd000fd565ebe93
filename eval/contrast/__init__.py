"""Sentences that the sample articles bear out, and the same with one thing made wrong.

They measure the checker, `bot.verify`, on its own: no search, no writer.
"""
