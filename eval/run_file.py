"""A run on disk: JSON lines, the first its header, then one for each case as it ends.

A run that was killed goes on where it stopped: a last line that was cut short is taken off, and
only the cases that are missing or failed are asked again. `docs/evaluation.md` has the format.
"""

from __future__ import annotations

import gzip
import json
import threading
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from filelock import FileLock, Timeout

from eval.record import CaseKey, CaseRecord, Outcome, parse_record, render_record
from index.errors import UsageError

_FORMAT = 2


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was read back."""

    config: dict[str, str]
    """Everything that could change a result; a run goes on only under the same."""
    about: dict[str, str]
    """When, where and from which commit it was made: of interest, but without influence."""
    record_by_key: dict[CaseKey, CaseRecord]
    """The last record of each case."""
    notes: dict[str, Any] = field(default_factory=dict)
    """What was written at its end, `ended` among it; empty if it did not come to its end."""

    @property
    def records(self) -> list[CaseRecord]:
        """Every case, all repeats, by id and repeat."""
        return [self.record_by_key[key] for key in sorted(self.record_by_key)]

    @property
    def first_records(self) -> list[CaseRecord]:
        """Each question once: its first repeat."""
        return [record for record in self.records if record.outcome.repeat == 0]

    @property
    def repeats(self) -> int:
        """How often each question was asked; at least 1."""
        return max((key.repeat for key in self.record_by_key), default=0) + 1

    @property
    def outcome_by_id(self) -> dict[str, Outcome]:
        """The outcome of each question's first repeat."""
        return {record.outcome.id: record.outcome for record in self.first_records}


def read_run(path: Path) -> Run:
    """Read a run, finished or not; one that ends in `.gz` is compressed.

    Raises:
        UsageError: If the file cannot be read or is no run.
    """
    content = _read_bytes(path)
    if path.suffix == ".gz":
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise UsageError(f"{path} is damaged: {error}. Take it back from a copy.") from error
    return _parse_run(content, path)


def render_header(config: Mapping[str, str], about: Mapping[str, str]) -> dict[str, Any]:
    """The first line of a run."""
    return {"dateline_run": _FORMAT, "config": dict(config), "about": dict(about)}


class RunFile:
    """A run that is being written. Only one process writes to it at a time; threads may share it.

    Use it as a context manager.
    """

    def __init__(
        self,
        path: Path,
        config: Mapping[str, str],
        about: Mapping[str, str] | None = None,
        *,
        fresh: bool = False,
    ) -> None:
        """Start the run, or go on with it if the file is there.

        Args:
            path: Where the run is kept.
            config: Everything that could change a result. A run goes on only under the same.
            about: What else is worth knowing of it: when, where, from which commit.
            fresh: Begin anew, and lose the run that the file may hold.

        Raises:
            UsageError: If the file is no run, belongs to another configuration, is being written
                by another process, or cannot be written.
        """
        self.ended = False
        """Whether the run's last line says that it came to its end."""
        self._path = path
        self._lines = threading.Lock()
        self._lock = FileLock(f"{path}.lock", blocking=False)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout as error:
            raise UsageError(f"Another process is writing {path}. Wait for it to end.") from error
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            self.record_by_key = self._open(dict(config), dict(about or {}), fresh=fresh)
        except BaseException:
            self._lock.release()
            raise

    def _open(
        self, config: dict[str, str], about: dict[str, str], *, fresh: bool
    ) -> dict[CaseKey, CaseRecord]:
        content = _read_bytes(self._path) if self._path.exists() else b""
        # A kill may have cut the last line short, the header too.
        whole = content[: content.rfind(b"\n") + 1]
        # Also before a fresh start: a file that is no run is never overwritten.
        kept = _parse_run(whole, self._path) if whole else None
        if kept and not fresh:
            _check_same(kept.config, config, self._path)
        goes_on = kept is not None and not fresh
        try:
            self._stream = self._path.open("ab")
            self._stream.truncate(len(whole) if goes_on else 0)
        except OSError as error:
            raise _unwritable(self._path, error) from error
        if kept and goes_on:
            self.ended = bool(kept.notes)
            return kept.record_by_key
        self._write(render_header(config, about))
        return {}

    def append(self, record: CaseRecord) -> None:
        """Add one case. It survives the death of this process."""
        self._write(render_record(record))
        self.ended = False
        self.record_by_key[record.key] = record

    def answered(self, case_id: str, repeat: int = 0) -> bool:
        """True if the case has an outcome that is no failure."""
        record = self.record_by_key.get(CaseKey(case_id, repeat))
        return record is not None and not record.failed

    def end(self, notes: Mapping[str, Any]) -> None:
        """Say that the run came to its end, with what is only known then."""
        self._write({"ended": True, **notes})
        self.ended = True

    def _write(self, fields: dict[str, Any]) -> None:
        # Escaped to ASCII: an answer with a lone surrogate must not stop the run.
        line = json.dumps(fields, ensure_ascii=True).encode() + b"\n"
        with self._lines:
            try:
                self._stream.write(line)
                self._stream.flush()
            except OSError as error:
                raise _unwritable(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stream.close()
        with suppress(OSError):  # Windows keeps a file that is open
            Path(f"{self._path}.lock").unlink()
        self._lock.release()


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(
            f"Cannot read {path}: {reason}. Name a file that `dateline eval run` wrote."
        ) from error


def _parse_run(content: bytes, path: Path) -> Run:
    """The run; a last line without its end is not read."""
    lines = content.split(b"\n")[:-1]
    header = _parse_line(lines[0], path, 1) if lines else {}
    config = header.get("config")
    if header.get("dateline_run") != _FORMAT or not isinstance(config, dict):
        raise UsageError(
            f"{path} is no run of this version. Name a new file with --run, or remove it."
        )
    about = header.get("about", {})
    record_by_key: dict[CaseKey, CaseRecord] = {}
    notes: dict[str, Any] = {}
    for number, line in enumerate(lines[1:], start=2):
        fields = _parse_line(line, path, number)
        if "ended" in fields:
            notes = fields
            continue
        # A case after the end belongs to a run that went on.
        notes = {}
        record = _read_record(fields, path, number)
        record_by_key[record.key] = record
    return Run(_as_text(config), _as_text(about), record_by_key, notes)


def _read_record(fields: dict[str, Any], path: Path, number: int) -> CaseRecord:
    try:
        return parse_record(fields, place=f"{path} line {number}")
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise UsageError(
            f"{path} line {number} is no case of a run. Remove the line, and its case is asked "
            "again."
        ) from error


def _as_text(fields: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in fields.items()}


def _parse_line(line: bytes, path: Path, number: int) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UsageError(
            f"{path} line {number} is damaged. Remove the line, and its case is asked again."
        ) from error
    if not isinstance(fields, dict):
        raise UsageError(f"{path} line {number} is no JSON object. Remove the line.")
    return fields


def _check_same(kept: dict[str, str], wanted: dict[str, str], path: Path) -> None:
    changed = [
        f"{name} (was {kept.get(name, 'unset')}, is {wanted.get(name, 'unset')})"
        for name in sorted({*kept, *wanted})
        if kept.get(name) != wanted.get(name)
    ]
    if changed:
        raise UsageError(
            f"{path} was begun under another configuration: {', '.join(changed)}. "
            "Name another file with --run, or begin anew with --fresh."
        )


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"Cannot write {path}: {error.strerror or error}. "
        "Name a file that you may write to with --run."
    )
