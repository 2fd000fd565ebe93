"""A request to a model in canonical form: what two requests must share to get one reply.

Passage keys are drawn anew for each prompt (`bot.writer.prompt`), so they are numbered by first
mention: `<key 1>`. Headers, and the address but for its last part, are left out: no secret is in
them that way, and what was recorded from one server is given back for another with that model.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

_KEY = re.compile(r"(?<![0-9A-Za-z])k(?=[0-9a-f]*\d)[0-9a-f]{8}(?![0-9A-Za-z])")
_NUMBERED = re.compile(r"<key (\d{1,4})>")
_SECRETS = re.compile(
    r"\b(?:sk|pk|rk)-[A-Za-z0-9_-]{12,}|\bxox[a-z]-[A-Za-z0-9-]{8,}|(?<=Bearer )[\w.~+/=-]{12,}"
)
_HIDDEN = "***"


class Message(NamedTuple):
    """One message of a conversation with a model."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class CanonicalRequest:
    """What a request asks for."""

    kind: str
    """The last part of the address: `chat/completions`, `embeddings`."""
    parameters: Mapping[str, Any]
    """The body, without the texts."""
    messages: tuple[Message, ...]
    """The texts in order; those to be embedded have the role `input`."""

    @property
    def digest(self) -> str:
        """Hexadecimal hash of all of it."""
        whole = [self.kind, self.parameters, self.messages]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class KeyNames:
    """The keys of one request, by number."""

    keys: tuple[str, ...]

    def number(self, text: str) -> str:
        """Text with each known key as its number."""
        place = {key: number for number, key in enumerate(self.keys, start=1)}

        def name(found: re.Match[str]) -> str:
            return f"<key {place[found[0]]}>" if found[0] in place else found[0]

        return _KEY.sub(name, text)

    def fill(self, text: str) -> str:
        """Text with each number as the key of this request; the inverse of `number`."""

        def name(found: re.Match[str]) -> str:
            place = int(found[1]) - 1
            return self.keys[place] if 0 <= place < len(self.keys) else found[0]

        return _NUMBERED.sub(name, text)


def read_request(path: str, body: bytes) -> tuple[CanonicalRequest, KeyNames]:
    """The canonical form of a request, and the keys that stand behind its numbers.

    Raises:
        ValueError: If the body is no JSON object.
    """
    fields = json.loads(body)
    if not isinstance(fields, dict):
        raise ValueError("a request's body is a JSON object")
    messages = tuple(_read_messages(fields.pop("messages", None)))
    inputs = fields.pop("input", None)
    inputs = [inputs] if isinstance(inputs, str) else inputs or []
    messages += tuple(Message("input", str(text)) for text in inputs)
    names = KeyNames(
        tuple(dict.fromkeys(key for one in messages for key in _KEY.findall(one.text)))
    )
    kind = "/".join(path.strip("/").split("/")[-2:])
    kind = "embeddings" if kind.endswith("embeddings") else kind
    canonical = tuple(Message(one.role, hide_secrets(names.number(one.text))) for one in messages)
    return CanonicalRequest(kind, _hidden(fields), canonical), names


def _read_messages(messages: Any) -> list[Message]:
    if not isinstance(messages, list):
        return []
    return [_read_message(one) for one in messages if isinstance(one, dict)]


def _read_message(fields: Mapping[str, Any]) -> Message:
    rest = {name: value for name, value in fields.items() if name not in {"role", "content"}}
    content = fields.get("content")
    text = content if isinstance(content, str) else json.dumps(content, sort_keys=True)
    # Tool calls and the like, which have no text of their own.
    return Message(
        str(fields.get("role")), text + (json.dumps(rest, sort_keys=True) if rest else "")
    )


def hide_secrets(text: str) -> str:
    """Text without what looks like a key or a token."""
    return _SECRETS.sub(_HIDDEN, text)


def _hidden(value: Any) -> Any:
    return map_texts(value, hide_secrets)


def map_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [map_texts(one, change) for one in value]
    if isinstance(value, dict):
        return {name: map_texts(one, change) for name, one in value.items()}
    return value
