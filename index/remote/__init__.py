"""Models behind a server that speaks OpenAI's protocol: where it is, and how long it is borne.

What the language model's writer and the embedder share stands here once: the address and key that
were set, the retry policy, and what a failure is called.
"""
