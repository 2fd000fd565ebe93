"""Feeds hostile files and questions to the installed program, as a user would run it.

    python tests/hostile_trial.py            # minutes, 1 GB of disk
    python tests/hostile_trial.py --small    # seconds: without what is large

A folder of hostile files beside five good articles is ingested by one command. Each hostile file
must be read or refused for a reason of one line, each good one be found; nothing may end in a
traceback or take memory without bound. Then the doctor runs and hostile questions are asked. Exit
code 1 if anything was otherwise.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from hostile_files import ANSWER, BAD_LINES, GOOD, QUESTION, QUESTIONS, Trap, traps
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.bench.process import Finished, run_process
from index.failure import printable

# What an ingest of ordinary articles holds is about 350 MB; a file of 100 MB of JSON may be parsed.
MOST_MB = 1500
MOST_QUESTION_SECONDS = 20
BUGS = ("Traceback", "failed unexpectedly", "InternalError")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    group: str
    name: str
    ok: bool
    detail: str


class Trial:
    """Runs everything in one folder; each step yields its checks."""

    def __init__(self, folder: Path, *, small: bool) -> None:
        self._folder = folder
        self._news = folder / "news"
        self._traps = [trap for trap in traps() if not (small and trap.is_large)]
        self._empty = 200 if small else 10_000
        # Only what the program needs: nothing of the developer's own settings.
        self._environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "200"}

    def run(self) -> Iterator[Check]:
        self._write_files()
        yield from self._ingest()
        yield from self._look_after()
        yield from self._arguments()
        yield from self._questions()
        yield from self._batches()

    def _write_files(self) -> None:
        self._news.mkdir()
        for trap in self._traps:
            trap.make(self._news / trap.name)
        (self._news / "loop").symlink_to("..")
        empty = self._news / "empty"
        empty.mkdir()
        for number in range(self._empty):
            (empty / f"{number}.txt").touch()
        for name, text in GOOD.items():
            (self._news / name).write_text(text)

    def _start(self, *arguments: str, stdin: bytes = b"", timeout_seconds: float = 900) -> Finished:
        command = [sys.executable, "-m", "bot", "--library", str(self._folder / "library")]
        return run_process(
            [*command, *map(os.fsencode, arguments)],
            environ=self._environ,
            stdin=stdin,
            folder=self._news,
            timeout_seconds=timeout_seconds,
        )

    def _ingest(self) -> Iterator[Check]:
        done = self._start("ingest", str(self._news), "--json")
        yield expect("ingest", "folder", done, codes={5}, most_mb=MOST_MB)
        failed = json.loads(done.stdout)["failed"] if done.code == 5 else []
        listed = self._start("articles", "list", "--limit", "100000", "--json")
        held = json.loads(listed.stdout)["articles"] if listed.code == 0 else []
        urls = [one["url"] for one in held]
        for trap in self._traps:
            yield judge(trap, failed, urls)
        empty = [one for one in failed if one["reason"] == "it is empty"]
        enough = len(empty) >= self._empty
        yield Check("file", f"{self._empty} empty files", enough, f"{len(empty)} listed as empty")
        for name in GOOD:
            found = any(url.endswith((f"/{name}", OWN_URLS.get(name, "none"))) for url in urls)
            yield Check("file", name, found, "read" if found else "lost")
        clean = all(is_line(one["source"]) and is_line(one["reason"]) for one in failed)
        yield Check("ingest", "reasons", clean, f"{len(failed)} reasons, each one printable line")

    def _look_after(self) -> Iterator[Check]:
        yield expect("library", "doctor", self._start("doctor", "--json"), codes={0})
        again = self._start("ingest", str(self._news))
        yield expect("library", "second ingest", again, codes={5}, most_mb=MOST_MB)
        new = again.stdout.startswith("0 added, 0 updated")
        yield Check("library", "second ingest", new, again.stdout.partition("\n")[0])
        asked = self._start("ask", "--offline", QUESTION)
        yield expect("library", "ask", asked, codes={0})
        yield Check("library", "answer", ANSWER in asked.stdout, asked.stdout.partition("\n")[0])

    def _arguments(self) -> Iterator[Check]:
        for name, code in {"-rf.txt": 0, "--help.txt": 0, "zip.txt": 2, "fifo.txt": 2}.items():
            done = self._start("ingest", "--json", "--", name)
            yield expect("argument", f"ingest -- {name}", done, codes={code})
        refused: tuple[tuple[str, ...], ...] = (
            ("ingest", "nowhere.txt"), ("ingest", "no\n\x1b[31mwhere"), ("ingest", "*.nothing"),
            ("ingest", "a" * 5000), ("ingest", "bytes\udcff"), ("ingest", "https://a.example/"),
            ("ingest", ""), ("ask", QUESTION, "--as-of", "2024-13-45"),
            ("ask", QUESTION, "--as-of", "9" * 5000), ("ask", QUESTION, "--outlet", "\x1b[31mno"),
            ("ask", QUESTION, "--limit", "-1"), ("ask", QUESTION, "--limit", "1e99"),
            ("ask", QUESTION, "--library", "zip.txt"), ("ask", QUESTION, "--library", "/dev/null"),
            ("ask", QUESTION, "--library", "\x1b[31m"), ("ask", "--batch", "zip.txt", QUESTION),
            ("ask", "--batch", "nowhere"), ("ask", "bytes\udcff"), ("articles", "show", "../../x"),
        )  # fmt: skip
        for arguments in refused:
            done = self._start(*arguments, timeout_seconds=60)
            yield expect("argument", " ".join(arguments), done, codes={1, 2}, is_line_only=True)
        for name, lines in STDIN.items():
            done = self._start("ingest", "-", "--json", stdin=lines)
            yield expect("stdin", name, done, codes={0, 2, 5}, most_mb=MOST_MB)

    def _questions(self) -> Iterator[Check]:
        for name, question in QUESTIONS.items():
            if "\0" not in question and len(question) < 100_000:
                done = self._start("ask", "--offline", "--", question, timeout_seconds=60)
                yield expect("question", name, done, codes={0, 2, 3, 4})
            stdin = question.encode()
            done = self._start("ask", "--offline", "-", stdin=stdin, timeout_seconds=60)
            yield expect("question", f"{name}, stdin", done, codes={0, 2, 3, 4})
        done = self._start("ask", "-", stdin=b"who led \xff\xfe\xed\xa0\x80?")
        yield expect("question", "not UTF-8, stdin", done, codes={2}, is_line_only=True)

    def _batches(self) -> Iterator[Check]:
        lines = [json.dumps({"id": name, "question": text}) for name, text in QUESTIONS.items()]
        lines += BAD_LINES
        lines.append(json.dumps({"id": "last", "question": QUESTION}))
        stdin = "\n\n \n".join(lines).encode() + b"\n\xff\xfe\0\0\n"
        for command in ("ask", "search"):
            done = self._start(command, "--batch", "-", stdin=stdin)
            yield expect("batch", command, done, codes={5}, most_mb=MOST_MB)
            results = [json.loads(line) for line in done.stdout.splitlines()]
            last = [one for one in results if one["id"] == "last"]
            ok = len(results) == len(lines) + 1 and "passages" in last[0]
            told = f"{len(results)} results for {len(lines) + 1} lines with something in them"
            yield Check("batch", command, ok, told)


OWN_URLS = {
    "good-four.json": "https://karst.example/4",
    "good-five.csv": "https://karst.example/5",
}
STDIN = {
    "nothing": b"",
    "junk": bytes(range(256)) * 100,
    "bad lines": b"{bad\n" * 100_000,
    "no line end": b'{"body": "' + b"a " * 12_000_000,
}


def is_line(text: str) -> bool:
    """Whether text is one line that a terminal shows as it is."""
    return bool(text) and text.isprintable()


def is_in(source: str, trap: Trap) -> bool:
    """Whether a failure's source, a path from the current folder, is the trap's file."""
    return f"/{printable(trap.name)}" in f"/{source}"


def judge(trap: Trap, failed: Sequence[dict[str, Any]], urls: Sequence[str]) -> Check:
    """Whether a hostile file became what it must."""
    reasons = [one["reason"] for one in failed if is_in(one["source"], trap)]
    held = sum(f"/{quote(os.fsencode(trap.name))}" in url for url in urls)
    if trap.outcome == "refused":
        ok = bool(reasons) and not held
    elif trap.outcome == "read":
        ok = not reasons
    else:
        ok = True
    told = f"{len(reasons)} refused: {reasons[0]}" if reasons else "read"
    return Check("file", printable(trap.name), ok, told)


def expect(
    group: str,
    name: str,
    done: Finished,
    *,
    codes: set[int],
    most_mb: float = MOST_MB,
    is_line_only: bool = False,
) -> Check:
    """Whether a process ended as it should, without a bug and within its memory."""
    output = done.stdout + done.stderr
    bugs = [bug for bug in BUGS if bug in output]
    ok = done.code in codes and not bugs and done.peak_mb <= most_mb
    ok = ok and "\x1b" not in output and "\x9b" not in output
    if is_line_only:
        ok = ok and done.stderr.count("\n") == 1 and is_line(done.stderr[:-1])
    said = (done.stderr or done.stdout).strip().partition("\n")[0]
    figures = f"code {done.code}, {done.wall_seconds:.1f} s, {done.peak_mb:.0f} MB"
    return Check(group, printable(name[:60]), ok, f"{figures}: {printable(said)}")


def render(checks: Sequence[Check], console: Console) -> None:
    """Print one row a check."""
    table = Table("", "what", "group", "became")
    for check in checks:
        mark = Text("ok", "green") if check.ok else Text("WRONG", "bold red")
        table.add_row(mark, Text(check.name), check.group, Text(check.detail[:150]))
    console.print(table)
    wrong = sum(not check.ok for check in checks)
    console.print(f"{len(checks)} checks, {wrong} wrong.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--small", action="store_true", help="leave out what is large")
    parser.add_argument("--json", action="store_true", help="one object a check")
    options = parser.parse_args()
    checks = []
    with tempfile.TemporaryDirectory() as folder:
        for check in Trial(Path(folder), small=options.small).run():
            checks.append(check)
            if not check.ok:
                sys.stderr.write(f"WRONG {check.group} {check.name}: {check.detail}\n")
    if options.json:
        json.dump([asdict(check) for check in checks], sys.stdout)
    else:
        render(checks, Console(width=None if sys.stdout.isatty() else 160))
    return int(not all(check.ok for check in checks))


if __name__ == "__main__":
    sys.exit(main())
