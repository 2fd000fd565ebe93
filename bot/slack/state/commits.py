"""Many threads' small writes in few transactions: what waits while one is written goes together.

A transaction costs a wait for the disk. In a burst of events each would wait for all before it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from index.errors import LibraryError
from index.store.database import Database

_Result = TypeVar("_Result")


@dataclass(slots=True)
class _Entry:
    work: Callable[[Connection], Any]
    result: Any = None
    error: BaseException | None = None
    is_done: bool = field(default=False)


class GroupCommit:
    """Writes to one database. May be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turn = threading.Lock()
        self._waiting: list[_Entry] = []
        self._list = threading.Lock()

    def write(self, work: Callable[[Connection], _Result]) -> _Result:
        """Do `work` in a transaction, and return its result once that is kept.

        Work of other threads may stand before it in the same transaction.

        Raises:
            LibraryError: If the database cannot be written.
        """
        entry = _Entry(work)
        with self._list:
            self._waiting.append(entry)
        with self._turn:
            # Whoever had the turn before may have done it already.
            if not entry.is_done:
                with self._list:
                    entries, self._waiting = self._waiting, []
                self._write_all(entries)
        if entry.error is not None:
            raise entry.error
        result: _Result = entry.result
        return result

    def _write_all(self, entries: list[_Entry]) -> None:
        try:
            with self._database.writing() as connection:
                results = [entry.work(connection) for entry in entries]
        except LibraryError as error:  # none of them can be written now
            for entry in entries:
                entry.error, entry.is_done = error, True
            return
        except Exception:  # one of them failed: each gets a transaction of its own
            for entry in entries:
                self._write_one(entry)
            return
        for entry, result in zip(entries, results, strict=True):
            entry.result, entry.is_done = result, True

    def _write_one(self, entry: _Entry) -> None:
        try:
            with self._database.writing() as connection:
                entry.result = entry.work(connection)
        except Exception as error:  # its own thread raises it
            entry.error = error
        entry.is_done = True
