"""One spelling for the address of one story."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit

# What newsletters, feeds and social networks append to tell where a reader came from.
_TRACKER = re.compile(
    r"(?:utm_\w+|fbclid|gclid|gclsrc|dclid|gbraid|wbraid|msclkid|yclid|twclid|ttclid|igshid|igsh"
    r"|mc_cid|mc_eid|mkt_tok|_ga|_gl|_hsenc|_hsmi|vero_id|oly_enc_id|oly_anon_id|at_medium"
    r"|at_campaign|wt_mc|cmpid|smid|ncid|ns_campaign|ns_mchannel|ns_source|guccounter)(?:=|$)",
    re.IGNORECASE,
)
_DEFAULT_PORT = {"http": 80, "https": 443}
_UNSAFE = re.compile(r"(?:javascript|data|vbscript):", re.IGNORECASE)
# A key of PostgreSQL holds 2,704 bytes, and a host in lower case may be half as long again.
LONGEST_ADDRESS_BYTES = 1_700
"""The most that an address from outside may have."""
# PostgreSQL takes no NUL, no database takes half of a pair, and no address has any of these.
_NO_ADDRESS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
# Browsers leave them out too.
_LINE_BREAK = re.compile(r"[\t\r\n]")


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


def can_be_kept(address: str) -> bool:
    """Whether every catalog can hold an address, or another URI, that comes from outside.

    It has at most `LONGEST_ADDRESS_BYTES`, no control characters and no half of a pair.
    """
    return not _NO_ADDRESS.search(address) and len(address.encode()) <= LONGEST_ADDRESS_BYTES


def named_address(text: str, base: str = "") -> str | None:
    """The absolute http(s) address that a list or a page names; None if it names none to be kept.

    `base` is where the list or the page came from.
    """
    try:
        address = urljoin(base, _LINE_BREAK.sub("", text.strip()))
    except ValueError:
        return None
    return address if is_web_url(address) and can_be_kept(address) else None


# Sites serve one story from several hosts of their own.
_TWIN_HOST = re.compile(r"^(?:www\d?|m|mobile|amp|print|edition|touch)\.")
_AMP_CACHE = re.compile(r"(?:^|\.)cdn\.ampproject\.org$")
_AMP_CACHE_PATH = re.compile(r"/[a-z]/(?P<secure>s/)?(?P<rest>[^/]+\.[^/]+/.*)")
_TWIN_SEGMENT = re.compile(r"(?:/(?:amp|print|mobile))(?=/|$)|(?<=\w)\.(?:amp|print)(?=\.html?$|$)")
_TWIN_QUERY = re.compile(
    r"(?:amp|print|outputtype|output|view|printable|mobile)=(?:1|true|yes|amp|print|mobile)"
    r"|amp=?|print=?",
    re.IGNORECASE,
)


def claimed_address(address: str, claimed: str) -> str | None:
    """The canonical address that a page of `address` claims, if it may claim it.

    It may within its own site: the same host, one above or below it, or a twin of it such as
    `m.` or `amp.`; a copy in an AMP cache may claim the site that it was taken from. The front
    page is no story's address.
    """
    if named_address(claimed) is None:
        return None
    origin = amp_original(address) or address
    own, other = _site(origin), _site(claimed)
    is_related = own == other or own.endswith(f".{other}") or other.endswith(f".{own}")
    canonical = canonical_url(claimed)
    is_front = urlsplit(canonical).path == "/" and not urlsplit(canonical).query
    if not is_related or "." not in other or (is_front and urlsplit(address).path != "/"):
        return None
    return canonical


def amp_original(address: str) -> str | None:
    """The address behind one of Google's AMP cache, or None."""
    if not is_web_url(address):
        return None
    parts = urlsplit(address)
    if not _AMP_CACHE.search(parts.hostname or ""):
        return None
    found = _AMP_CACHE_PATH.match(parts.path)
    if not found:
        return None
    original = named_address(f"{'https' if found['secure'] else 'http'}://{found['rest']}")
    return canonical_url(original) if original else None


def full_twin(address: str) -> str | None:
    """The address that an AMP, print or mobile page is probably the twin of, or None."""
    if original := amp_original(address):
        return original
    if not is_web_url(address):
        return None
    parts = urlsplit(canonical_url(address))
    query = "&".join(pair for pair in parts.query.split("&") if not _TWIN_QUERY.fullmatch(pair))
    path = _TWIN_SEGMENT.sub("", parts.path) or "/"
    host = re.sub(r"^(?:m|mobile|amp|print|touch)\.", "www.", parts.netloc)
    plain = SplitResult(parts.scheme, host, path, query, "").geturl()
    return None if plain == canonical_url(address) else plain


def _site(address: str) -> str:
    """The host and port without the prefix that tells a site's twins apart."""
    parts = urlsplit(canonical_url(address))
    return _TWIN_HOST.sub("", parts.netloc)


def host_of(url: str) -> str | None:
    """The host of a web address without "www.", which stands in where no outlet is named."""
    if not is_web_url(url):
        return None
    host = urlsplit(url).hostname or ""
    return host.removeprefix("www.") or None
