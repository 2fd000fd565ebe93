"""Where a model's server is and which key it is sent, as the environment says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from index.errors import UsageError

OPENAI_URL = "https://api.openai.com/v1"
_CUSTOMARY_URLS = ("OPENAI_BASE_URL", "OPENAI_API_BASE")


@dataclass(frozen=True, slots=True)
class Variables:
    """The names under which one kind of model is set, as `DATELINE_LLM`."""

    prefix: str
    """What its variables begin with."""
    what: str
    """What it is, for messages: `language model`."""

    def url(self, environ: Mapping[str, str]) -> str | None:
        """The server that was set, ours before the customary ones.

        LlamaIndex ignores OPENAI_BASE_URL, and would call OpenAI.

        Raises:
            UsageError: If it is no web address.
        """
        for name in (f"{self.prefix}_BASE_URL", *_CUSTOMARY_URLS):
            url = environ.get(name)
            if not url:
                continue
            if not _is_web_address(url):
                raise UsageError(f"{name}={url[:80]!r}: write it as http://127.0.0.1:8080/v1")
            return url.rstrip("/")
        return None

    def key(self, environ: Mapping[str, str]) -> str | None:
        """The key to send. OpenAI's is not sent to a server that only Dateline was told of.

        Raises:
            UsageError: If it cannot be a key; the message does not repeat it.
        """
        own = environ.get(f"{self.prefix}_KEY")
        is_ours_alone = bool(environ.get(f"{self.prefix}_BASE_URL"))
        key = own if own or is_ours_alone else environ.get("OPENAI_API_KEY")
        if key and not (key.isascii() and key.isprintable() and " " not in key):
            raise UsageError(
                f"The {self.what}'s key holds a character that no key has. Set it anew."
            )
        return key or None


def read_number(environ: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number from `least` to `most`; `default` where nothing is set.

    Raises:
        UsageError: If it is none.
    """
    text = environ.get(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text[:12]) <= most):
        raise UsageError(f"{name}={text[:40]!r}: expected a whole number from {least} to {most}.")
    return int(text)


def is_openai(url: str) -> bool:
    """Whether the server is OpenAI's own, which knows its models by name."""
    return urlsplit(url).hostname == "api.openai.com"


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False
