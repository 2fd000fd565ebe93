"""A language model writes the answer; only sentences that the articles prove are let through.

`WritingAnswerer` is an offline answerer with a model beside it. Importing this package loads no
client library: `bot.writer.llm` does, when a model is built.
"""
