"""A server's reply in a form that a person can read, and back as bytes that a client reads.

A stream of text is kept as that text; pieces of another kind (tool calls, refusals) keep the
whole body as it came. Vectors are kept as little-endian float32 in base64.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from eval.replay.request import KeyNames, hide_secrets, map_texts

_STREAM = "text/event-stream"
_DONE = b"data: [DONE]"
# Clients must not care how a stream was cut; pieces of odd length show it if one does.
_PIECE_CHARACTERS = 23


class IncompleteReply(ValueError):
    """The reply is not whole, and so not worth keeping."""


def read_reply(content_type: str, body: bytes, names: KeyNames) -> dict[str, Any]:
    """A reply as it is kept, its keys numbered and without secrets.

    Raises:
        IncompleteReply: If it was cut, or is neither a stream of events nor JSON.
    """
    try:
        reply = (
            _read_stream(body) if content_type.startswith(_STREAM) else _read_json(json.loads(body))
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise IncompleteReply(str(error)) from error
    numbered: dict[str, Any] = map_texts(reply, lambda text: hide_secrets(names.number(text)))
    return numbered


def write_reply(reply: Mapping[str, Any], names: KeyNames) -> tuple[str, bytes]:
    """Content type and body of a kept reply, with the keys of the request that asks now."""
    filled: dict[str, Any] = map_texts(dict(reply), names.fill)
    if "stream" in filled:
        events = filled["stream"]
        return _STREAM, b"".join(b"data: " + _dump(event) + b"\n\n" for event in events) + _end()
    if "text" in filled:
        events = list(_events(filled))
        return _STREAM, b"".join(b"data: " + _dump(event) + b"\n\n" for event in events) + _end()
    if "vectors" in filled:
        return "application/json", _dump(_embeddings(filled))
    return "application/json", _dump(filled["json"])


def _end() -> bytes:
    return _DONE + b"\n\n"


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _read_stream(body: bytes) -> dict[str, Any]:
    lines = [
        line for line in body.replace(b"\r\n", b"\n").split(b"\n") if line.startswith(b"data:")
    ]
    if not lines or lines[-1].strip() != _DONE:
        raise IncompleteReply("the stream was cut")
    events = [json.loads(line.removeprefix(b"data:")) for line in lines[:-1]]
    text, finish, usage = "", None, None
    for event in events:
        usage = event.get("usage") or usage
        for choice in event.get("choices") or []:
            delta = choice.get("delta") or {}
            if choice.get("index") or set(_told(delta)) - {"role", "content"}:
                return {"stream": events}
            text += delta.get("content") or ""
            finish = choice.get("finish_reason") or finish
    if finish is None:
        raise IncompleteReply("the stream does not say why it ended")
    return {"text": text, "finish": finish, **({"usage": usage} if usage else {})}


def _told(delta: Mapping[str, Any]) -> Iterator[str]:
    return (name for name, value in delta.items() if value not in (None, "", [], {}))


def _events(reply: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    text = reply["text"]
    yield _chunk([_choice({"role": "assistant", "content": ""})])
    for start in range(0, len(text), _PIECE_CHARACTERS):
        yield _chunk([_choice({"content": text[start : start + _PIECE_CHARACTERS]})])
    yield _chunk([_choice({}, reply["finish"])])
    if "usage" in reply:
        yield _chunk([], usage=reply["usage"])


def _choice(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish}


def _chunk(choices: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-recorded",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "recorded",
        "choices": choices,
        **more,
    }


def _read_json(body: dict[str, Any]) -> dict[str, Any]:
    data = body.get("data")
    if isinstance(data, list) and data and "embedding" in data[0]:
        ordered = sorted(data, key=lambda one: one["index"])
        usage = body.get("usage")
        return {"vectors": [_pack(one["embedding"]) for one in ordered], "usage": usage}
    return {"json": body}


def _pack(vector: Any) -> str:
    if isinstance(vector, str):  # it was asked for in base64, which is little-endian float32 too
        return vector
    return base64.b64encode(np.array(vector, "<f4").tobytes()).decode()


def _embeddings(reply: Mapping[str, Any]) -> dict[str, Any]:
    vectors = [np.frombuffer(base64.b64decode(one), "<f4").tolist() for one in reply["vectors"]]
    data = [
        {"object": "embedding", "index": place, "embedding": vector}
        for place, vector in enumerate(vectors)
    ]
    return {"object": "list", "model": "recorded", "data": data, "usage": reply.get("usage")}
