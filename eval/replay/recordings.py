"""A folder of recordings: one small YAML file a request, and the long texts they share.

    server.yaml              which model was recorded, and under which limits
    single-fact-001.9f3c0a2b41de.yaml
    texts/4be1f0c7d2a95e36.txt

Prompts repeat their instructions and passages; each such text is kept once, named by its hash.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from eval.replay.request import CanonicalRequest, Message
from index.errors import UsageError
from index.store.stamp import replace_file

_MANIFEST = "server.yaml"
_FENCE = re.compile(r"(^=== [^\n]{1,80} ===$)", re.MULTILINE)
_SHARED_CHARACTERS = 200
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class RecordingKey(NamedTuple):
    """What a reply is found by."""

    digest: str
    """Of the canonical request."""
    repeat: int = 0
    """Which repeat of its case asked; a model that samples may answer each in another way."""
    occurrence: int = 0
    """From 0: the how-manieth time that the case sent this very request."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One request and its reply."""

    key: RecordingKey
    case_id: str
    """Of the case that sent it first; empty if no case did."""
    request: CanonicalRequest
    reply: Mapping[str, Any]
    path: Path | None = None
    """Its file; None before it is saved."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was recorded, as far as requests depend on it."""

    label: str
    """Where the replies are from, in words: "gpt-4.1-mini", "scripted, no model"."""
    model: str
    is_openai: bool
    completion_tokens: int
    context_tokens: int
    now: str | None = None
    """ISO 8601: the moment of asking, which stands in prompts."""


class Recordings:
    """The recordings of one folder."""

    def __init__(self, folder: Path) -> None:
        """Read what is there; a folder that is not there holds nothing.

        Raises:
            UsageError: If a file is no recording.
        """
        self.folder = folder
        self._by_key: dict[RecordingKey, Recording] = {}
        self.duplicates: list[Recording] = []
        """Recordings whose key another one has, which is the one that is used."""
        for path in sorted(folder.glob("*.yaml")):
            if path.name != _MANIFEST:
                recording = self._load(path)
                if recording.key in self._by_key:
                    self.duplicates.append(recording)
                self._by_key.setdefault(recording.key, recording)

    def all(self) -> list[Recording]:
        """Every recording that is used, by file name."""
        return list(self._by_key.values())

    def find(self, key: RecordingKey) -> Recording | None:
        """The recording under a key."""
        return self._by_key.get(key)

    def near(self, request: CanonicalRequest, case_id: str) -> list[Recording]:
        """Recordings that the request might have been meant for: of its case, else of its kind."""
        of_kind = [one for one in self._by_key.values() if one.request.kind == request.kind]
        return [one for one in of_kind if one.case_id == case_id] or of_kind

    def save(self, recording: Recording) -> Path:
        """Keep a recording for good; several processes may save into one folder. Gives its file."""
        (self.folder / "texts").mkdir(parents=True, exist_ok=True)
        fields = {
            "case": recording.case_id,
            "repeat": recording.key.repeat,
            "occurrence": recording.key.occurrence,
            "digest": recording.key.digest,
            "kind": recording.request.kind,
            "parameters": dict(recording.request.parameters),
            "messages": [
                {"role": one.role, "parts": self._share(one.text)}
                for one in recording.request.messages
            ],
            "reply": dict(recording.reply),
        }
        path = self.folder / _file_name(recording)
        replace_file(path, _dump(fields))
        self._by_key[recording.key] = replace(recording, path=path)
        return path

    def remove(self, recordings: Iterable[Recording]) -> int:
        """Delete recordings and the texts that no other needs; gives how many files went."""
        gone = 0
        for recording in recordings:
            if recording.path:
                recording.path.unlink(missing_ok=True)
                gone += 1
                if self._by_key.get(recording.key) is recording:
                    del self._by_key[recording.key]
        needed = {
            _text_name(part)
            for recording in self._by_key.values()
            for message in recording.request.messages
            for part in _split(message.text)
        }
        for path in (self.folder / "texts").glob("*.txt"):
            if path.stem not in needed:
                path.unlink()
                gone += 1
        return gone

    def manifest(self) -> Manifest | None:
        """What was recorded; None if nothing was yet.

        Raises:
            UsageError: If the file cannot be used.
        """
        path = self.folder / _MANIFEST
        if not path.is_file():
            return None
        try:
            return Manifest(**_parse(path))
        except TypeError as error:
            raise UsageError(f"{path} is no manifest of recordings: {error}.") from error

    def write_manifest(self, manifest: Manifest) -> None:
        """Say what is recorded here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        fields = {name: getattr(manifest, name) for name in Manifest.__slots__}
        replace_file(self.folder / _MANIFEST, _dump(fields))

    def _load(self, path: Path) -> Recording:
        fields = _parse(path)
        try:
            messages = tuple(
                Message(one["role"], "".join(map(self._text, one["parts"])))
                for one in fields["messages"]
            )
            request = CanonicalRequest(fields["kind"], fields["parameters"], messages)
            key = RecordingKey(fields["digest"], fields["repeat"], fields["occurrence"])
            return Recording(key, fields["case"], request, fields["reply"], path)
        except (KeyError, TypeError) as error:
            raise UsageError(
                f"{path} is no recording ({error}). Remove it, and record it again: "
                "dateline eval run … --replay record"
            ) from error

    def _text(self, part: str | Mapping[str, str]) -> str:
        if isinstance(part, str):
            return part
        path = self.folder / "texts" / f"{part['text']}.txt"
        try:
            return path.read_bytes().decode()
        except (OSError, ValueError) as error:
            raise UsageError(
                f"Cannot read {path}, which recordings need. Take it back from version control, "
                "or record again: dateline eval run … --replay record"
            ) from error

    def _share(self, text: str) -> list[str | dict[str, str]]:
        parts: list[str | dict[str, str]] = []
        for part in _split(text):
            if len(part) < _SHARED_CHARACTERS:
                parts.append(part)
                continue
            name = _text_name(part)
            path = self.folder / "texts" / f"{name}.txt"
            if not path.is_file():
                replace_file(path, part)
            parts.append({"text": name})
        return parts


def _split(text: str) -> Sequence[str]:
    """The parts of a text, which together are the text: fences, and what stands between them."""
    return [part for part in _FENCE.split(text) if part]


def _text_name(part: str) -> str:
    return hashlib.sha256(part.encode()).hexdigest()[:16]


def _file_name(recording: Recording) -> str:
    case = re.sub(r"[^A-Za-z0-9_-]+", "-", recording.case_id)[:60] or recording.request.kind[:20]
    case = case.replace("/", "-")
    repeat = f".repeat{recording.key.repeat}" if recording.key.repeat else ""
    again = f".again{recording.key.occurrence}" if recording.key.occurrence else ""
    return f"{case}.{recording.key.digest[:12]}{repeat}{again}.yaml"


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as they are."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text.strip() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _dump(fields: Mapping[str, Any]) -> str:
    return yaml.dump(dict(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def _parse(path: Path) -> dict[str, Any]:
    try:
        fields = yaml.load(path.read_bytes(), Loader=_LOADER)  # noqa: S506  a safe loader
    except (OSError, yaml.YAMLError, ValueError) as error:
        raise UsageError(f"Cannot read {path}: {' '.join(str(error).split())}.") from error
    if not isinstance(fields, dict):
        raise UsageError(f"{path} is no recording: it holds no fields.")
    return fields
