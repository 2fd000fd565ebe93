"""Which URLs are the same document, so that a tidied link still counts as the gold one."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

# What feeds and social networks append; the rest of a query may well choose the article.
_TRACKING = re.compile(
    r"utm_\w*|ref|src|source|cmp|cmpid|fbclid|gclid|ftag|mc_[ce]id|ns_\w*|at_\w*|traffic_source",
    re.IGNORECASE,
)


def document_key(url: str) -> str:
    """The URL without scheme, `www.`, fragment, closing slash and tracking parameters.

    A file is known by its name, wherever the library found it. Anything else is its own key.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # a broken IPv6 host
        return url
    if parts.scheme.lower() == "file":
        return unquote(parts.path.rpartition("/")[2])
    if parts.scheme.lower() not in {"http", "https"}:
        return url.strip()
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.fullmatch(name)
        ]
    )
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{parts.path.rstrip('/')}{'?' + query if query else ''}"
