"""Getting pages from the web politely, and from nowhere else.

Knows robots.txt, rates, retries and what an address may lead to; not what a page says.
"""
