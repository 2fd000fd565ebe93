"""An OpenAI-compatible server on loopback that says what it is told, and misbehaves on order.

    python tests/openai_server.py --script faithful --port 8123
    DATELINE_LLM_BASE_URL=http://127.0.0.1:8123/v1 DATELINE_LLM_MODEL=scripted dateline ask "…"

A reply's `[#2]` becomes the key of the second passage in the prompt. Without `--script` the names
of all scripts are printed. Every request is kept, so that a test can count them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_BLOCK = re.compile(
    r"^=== passage (?P<key>\w+) begins ===\n(?P<text>.*?)\n=== passage (?P=key) ends ===$",
    re.MULTILINE | re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\[#(\d+)\]")
_FIRST_SENTENCE = re.compile(r"\n\n(?:.{0,80}?--\s)?(.+?[.!?])(?=\s|\Z)", re.DOTALL)


@dataclass(frozen=True)
class Reply:
    """One answer of the server, good or bad."""

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Sent instead of a stream."""
    content_type: str = "text/event-stream; charset=utf-8"
    finish: str | None = "stop"
    refusal: str | None = None
    silence_seconds: float = 0.0
    """Before the first word."""
    blanks_seconds: float = 0.0
    """For so long only comments are sent, as proxies do to keep a connection."""
    linger_seconds: float = 0.0
    """After the last word, before the reply is ended."""
    cut: str | None = None
    """Ends the stream after the text: `clean`, `broken` (mid-chunk) or `garbled` (bad JSON)."""
    chunk_characters: int = 7
    counts_tokens: bool = True


@dataclass(frozen=True)
class Vectors:
    """What the server answers where vectors are asked for, good or bad."""

    dimensions: int = 64
    """Unless the request says how many it wants."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "scripted failure"
    body: bytes | None = None
    content_type: str = "application/json"
    fault: str | None = None
    """`cut` (ends in the middle), `few` (one vector is missing), `zero`, `nan`, `reversed`."""
    silence_seconds: float = 0.0


Script = Reply | Callable[[str], Reply]
"""A reply, or what makes one of the prompt."""


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]

    @property
    def prompt(self) -> str:
        """All messages, one after the other."""
        return "\n\n".join(message["content"] for message in self.body["messages"])


class OpenAIServer:
    """Listens on a free port of the loopback interface until it is closed."""

    def __init__(
        self, *scripts: Script, port: int = 0, vectors: Sequence[Vectors] = (Vectors(),)
    ) -> None:
        """Replies are given in the order of `scripts`; the last one again and again."""
        self.requests: list[Request] = []
        self.embedding_requests: list[Request] = []
        self._vectors = vectors
        self._scripts = scripts
        self._lock = threading.Lock()
        self.closing = threading.Event()
        self._server = _Listener(("127.0.0.1", port), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def url(self) -> str:
        """The base URL, as a client wants it."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def take(self, request: Request) -> Reply:
        """Keep a request and choose its reply, filled with the keys of its prompt."""
        with self._lock:
            script = self._scripts[min(len(self.requests), len(self._scripts) - 1)]
            self.requests.append(request)
        reply = script(request.prompt) if callable(script) else script
        keys = [key for key, _ in passages_of(request.prompt)]
        return replace(reply, text=_PLACEHOLDER.sub(lambda m: f"[{_key(keys, m)}]", reply.text))

    def take_texts(self, request: Request) -> Vectors:
        """Keep a request for vectors and choose its reply."""
        with self._lock:
            reply = self._vectors[min(len(self.embedding_requests), len(self._vectors) - 1)]
            self.embedding_requests.append(request)
        return reply

    def close(self) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> OpenAIServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _key(keys: Sequence[str], found: re.Match[str]) -> str:
    place = int(found[1]) - 1
    return keys[place] if place < len(keys) else "k00missing"


def passages_of(prompt: str) -> list[tuple[str, str]]:
    """Key and text of each passage in a prompt."""
    return [(found["key"], found["text"]) for found in _BLOCK.finditer(prompt)]


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away in the middle is what some tests are about."""


def _handler_of(server: OpenAIServer) -> type[BaseHTTPRequestHandler]:
    class Handler(_Handler):
        owner = server

    return Handler


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        request = Request(self.path, dict(self.headers.items()), json.loads(content))
        if self.path.endswith("/embeddings"):
            self._send_vectors(self.owner.take_texts(request), request)
            return
        reply = self.owner.take(request)
        if reply.silence_seconds:
            self.owner.closing.wait(reply.silence_seconds)
        if reply.status != 200 or reply.body is not None:
            self._send_whole(reply)
        else:
            self._send_stream(reply, request)

    def _send_whole(self, reply: Reply) -> None:
        is_error = reply.body is None
        error = {"error": {"message": reply.text or "scripted failure", "type": "scripted"}}
        body = json.dumps(error).encode() if reply.body is None else reply.body
        self.send_response(reply.status)
        self.send_header("content-type", "application/json" if is_error else reply.content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _send_vectors(self, reply: Vectors, request: Request) -> None:
        if reply.silence_seconds:
            self.owner.closing.wait(reply.silence_seconds)
        if reply.status != 200:
            body = json.dumps({"error": {"message": reply.message, "type": "scripted"}}).encode()
        else:
            body = _vectors_body(reply, request) if reply.body is None else reply.body
        self.send_response(reply.status)
        self.send_header("content-type", reply.content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.fault == "cut":
            self.close_connection = True
            body = body[: len(body) // 2]
        self.wfile.write(body)

    def _send_stream(self, reply: Reply, request: Request) -> None:
        self.send_response(200)
        self.send_header("content-type", reply.content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        end = time.monotonic() + reply.blanks_seconds
        while time.monotonic() < end and not self.owner.closing.wait(0.02):
            self._send(b": still here\n\n")
        for event in _events(reply, request):
            if reply.linger_seconds and b'"finish_reason": "' in event:
                self.owner.closing.wait(reply.linger_seconds)
            self._send(b"data: " + event + b"\n\n")
        if reply.cut == "broken":
            self.close_connection = True
            self.wfile.write(b"ff\r\ndata: {")
            self.wfile.flush()
            return
        if reply.cut != "clean":
            self._send(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _send(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(content), content))
        self.wfile.flush()

    def log_message(self, *_: object) -> None:
        """Say nothing: what was asked is in `requests`."""


def _vectors_body(reply: Vectors, request: Request) -> bytes:
    texts = request.body["input"]
    dimensions = request.body.get("dimensions", reply.dimensions)
    rows = [_vector(text, dimensions) for text in texts]
    if reply.fault == "zero":
        rows = [[0.0] * dimensions for _ in rows]
    if reply.fault == "nan":
        rows = [[float("nan")] * dimensions for _ in rows]
    items = [{"object": "embedding", "index": at, "embedding": row} for at, row in enumerate(rows)]
    if reply.fault == "few":
        items = items[:-1]
    if reply.fault == "reversed":
        items.reverse()
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    whole = {"object": "list", "data": items, "model": request.body["model"], "usage": usage}
    return json.dumps(whole).encode()


def _vector(text: str, dimensions: int) -> list[float]:
    """A vector that texts with the same words share; its length is not one."""
    numbers = [0.0] * dimensions
    for word in re.findall(r"\w+", text.lower()) or [""]:
        digest = hashlib.sha256(word.encode()).digest()
        for at in range(dimensions):
            numbers[at] += digest[at % 32] / 127.5 - 1 if (at + digest[0]) % 3 else 0.0
    return [3 * number for number in numbers]


def _events(reply: Reply, request: Request) -> Iterator[bytes]:
    yield _event({"role": "assistant", "content": ""})
    step = reply.chunk_characters
    for start in range(0, len(reply.text), step):
        yield _event({"content": reply.text[start : start + step]})
    if reply.refusal is not None:
        yield _event({"refusal": reply.refusal})
    if reply.cut == "garbled":
        yield b'{"choices": [{"delta": {"content"'
    if reply.cut:
        return
    yield _event({}, reply.finish)
    if reply.counts_tokens:
        # Rough, but the same each time: four characters a token.
        counts = {
            "prompt_tokens": len(request.prompt) // 4,
            "completion_tokens": len(reply.text) // 4,
        }
        yield _chunk([], usage={**counts, "total_tokens": sum(counts.values())})


def _event(delta: dict[str, Any], finish: str | None = None) -> bytes:
    return _chunk([{"index": 0, "delta": delta, "finish_reason": finish}])


def _chunk(choices: list[Any], **more: Any) -> bytes:
    chunk = {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "scripted",
        "choices": choices,
        **more,
    }
    return json.dumps(chunk).encode()


# Scripts for use by hand: each makes its reply of whatever passages it is sent.


def faithful(prompt: str) -> Reply:
    """The first sentence of the first passage, with its key."""
    return _saying(prompt, lambda sentence: sentence)


def _saying(prompt: str, change: Callable[[str], str]) -> Reply:
    passages = passages_of(prompt)
    found = _FIRST_SENTENCE.search(passages[0][1]) if passages else None
    if not found:
        return Reply("NO_ANSWER")
    return Reply(f"{change(' '.join(found[1].split()))} [#1]")


def _with(change: Callable[[str], str]) -> Script:
    return lambda prompt: _saying(prompt, change)


def _rename(sentence: str) -> str:
    return re.sub(r"(?<=\s)[A-Z][a-z]{3,}", "Quillfeather", sentence, count=1)


def _recount(sentence: str) -> str:
    return re.sub(r"\d+", lambda found: str(int(found[0]) + 7), sentence, count=1)


def _negate(sentence: str) -> str:
    return re.sub(r"\b(was|were|is|are|has|had|will)\b", r"\1 not", sentence, count=1)


_ASKED = re.compile(
    r"^=== question (?P<key>\w+) begins ===\n(?P<text>.*?)\n=== question (?P=key) ends ===$",
    re.MULTILINE | re.DOTALL,
)
_ERRORS = (_recount, _rename, _negate)


def wavering(prompt: str) -> Reply:
    """A model that looks for the question's words, and alters what it found two times of five.

    Told that a sentence was thrown away, it mends it one time of two. For sets that are to show
    what checking is worth: the same prompt has the same reply.
    """
    asked = _ASKED.search(prompt)
    question = asked["text"] if asked else ""
    lot = int(hashlib.sha256(question.encode()).hexdigest(), 16)
    found = _likeliest(question, passages_of(prompt))
    if found is None:
        return Reply("NO_ANSWER")
    sentence, place = found
    is_repair = "were thrown away" in prompt.rpartition("=== question")[2]
    if lot % 5 < 2 and not (is_repair and lot % 2):
        sentence = _alter(sentence, lot)
    return Reply(f"{sentence} [#{place}]")


def _likeliest(question: str, passages: Sequence[tuple[str, str]]) -> tuple[str, int] | None:
    """The sentence with most of the question's words, and the place of its passage from 1."""
    words = set(re.findall(r"\w{4,}", question.lower()))
    sentences = [
        (" ".join(sentence.split()), place)
        for place, (_, text) in enumerate(passages[:6], start=1)
        for sentence in re.findall(
            r"[A-Z][^.!?\n]{20,240}[.!?](?=\s|\Z)", text.partition("\n\n")[2]
        )
    ]
    if not words or not sentences:
        return None
    return max(sentences, key=lambda one: len(words & set(re.findall(r"\w{4,}", one[0].lower()))))


def _alter(sentence: str, lot: int) -> str:
    """The sentence with a number, a name or its denial changed, whichever it has."""
    for step in range(len(_ERRORS)):
        altered = _ERRORS[(lot // 5 + step) % len(_ERRORS)](sentence)
        if altered != sentence:
            return altered
    return sentence


SCRIPTS: dict[str, Script] = {
    "faithful": faithful,
    "wavering": wavering,
    "invented_key": lambda prompt: replace(faithful(prompt), text="It happened. [k0badbad0]"),
    "altered_quote": _with(lambda sentence: f"“{sentence[:-1]} for ever,” an official said."),
    "wrong_number": _with(_recount),
    "wrong_date": _with(lambda sentence: f"On 31 February 1999, {sentence}"),
    "wrong_name": _with(_rename),
    "flipped_negation": _with(_negate),
    "dropped_attribution": _with(lambda sentence: re.sub(r",? \w+ said\b", "", sentence)),
    "no_answer": Reply("NO_ANSWER"),
    "empty": Reply(),
    "refusal": Reply("I'm sorry, but I can't help with that."),
    "refusal_field": Reply(refusal="I can't help with that.", finish="stop"),
    "content_filter": Reply("The", finish="content_filter"),
    "bad_json": Reply(cut="garbled"),
    "429": Reply(status=429, headers={"retry-after": "0.05"}),
    "429_long": Reply(status=429, headers={"retry-after": "3600"}),
    "500": Reply(status=500),
    "401": Reply("bad key", status=401),
    "slow": lambda prompt: replace(faithful(prompt), silence_seconds=5),
    "blanks": lambda prompt: replace(faithful(prompt), blanks_seconds=60),
    "cut": lambda prompt: replace(faithful(prompt), cut="clean"),
    "broken": lambda prompt: replace(faithful(prompt), cut="broken"),
    "length": lambda prompt: replace(faithful(prompt), finish="length"),
    "megabyte": Reply("word " * 200_000, chunk_characters=500),
    "html": Reply(body=b"<html>Welcome</html>", content_type="text/html"),
    "json": Reply(body=b'{"choices": []}', content_type="application/json"),
    "redirect": Reply(status=307, headers={"location": "http://127.0.0.1:1/v1/chat/completions"}),
}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve a script, or several one after the other, until interrupted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--script", help="one of the names, or several with commas between")
    parser.add_argument("--say", help="a reply in words; [#1] is the first passage's key")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if not (options.script or options.say):
        _say(f"Scripts: {', '.join(SCRIPTS)}")
        return
    scripts = [SCRIPTS[name] for name in options.script.split(",")] if options.script else []
    scripts += [Reply(options.say)] if options.say else []
    with OpenAIServer(*scripts, port=options.port) as server:
        _say(server.url)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            _say(f"{len(server.requests)} requests")


if __name__ == "__main__":
    main()
