"""One spelling for the address of one story."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

# What newsletters, feeds and social networks append to tell where a reader came from.
_TRACKER = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh"
    r"|mc_cid|mc_eid|mkt_tok|_ga|_gl|_hsenc|_hsmi|vero_id|oly_enc_id|oly_anon_id|at_medium"
    r"|at_campaign|wt_mc|cmpid|smid|ncid|ns_campaign|ns_mchannel|ns_source|guccounter)(?:=|$)",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)


def canonical_url(text: str) -> str:
    """The address without what does not tell stories apart.

    Of http(s) addresses: lower-case scheme and host, no default port, user, fragment or tracking
    parameter (`utm_…`, `fbclid`, …); the rest of the query stays, in order. Anything else (a
    `urn:`, an opaque id) comes back as it is.

    Raises:
        ValueError: If it is empty, or a scheme that runs code instead of naming a story.
    """
    text = text.strip()
    if not text or _UNSAFE.match(text):
        raise ValueError(f"not the address of a story: {text!r}")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORT or not parts.hostname:
        return text
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.rstrip(".")
    if port is not None and port != _DEFAULT_PORT[scheme]:
        host = f"{host}:{port}"
    kept = [pair for pair in parts.query.split("&") if pair and not _TRACKER.match(pair)]
    return SplitResult(scheme, host, parts.path or "/", "&".join(kept), "").geturl()


def is_web_url(text: str) -> bool:
    """Whether `text` is an absolute http(s) address."""
    try:
        parts = urlsplit(text.strip())
        return parts.scheme.lower() in _DEFAULT_PORT and bool(parts.hostname)
    except ValueError:
        return False


def host_of(url: str) -> str | None:
    """The host of a web address without "www.", which stands in where no outlet is named."""
    if not is_web_url(url):
        return None
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.") or None
