"""The installed program: start-up, streams, signals, pipes, and what stands in the README."""

from __future__ import annotations

import json
import os
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main

HEAVY = ("llama_index", "chromadb", "openai", "sqlalchemy", "numpy", "onnxruntime", "tokenizers",
         "tantivy", "trafilatura", "eval")  # fmt: skip
ARTICLE = {
    "url": "https://harborpost.example/ferry",
    "title": "Die Fähre „Maud“ läuft auf Grund",
    "outlet": "Harbor Post",
    "published_at": "2023-11-16",
    "body": "The ferry Maud ran aground off Skerry on Tuesday. Zoë Łącka brought everyone ashore.",
}
QUESTION = "Who brought everyone ashore from the ferry Maud?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty home, with nothing of the developer's own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def environ(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {**kept, "HOME": str(home), "TERM": "xterm-256color"}


@pytest.fixture(scope="module")
def news(home: Path, environ: dict[str, str]) -> Path:
    folder = home / "news"
    made = start(["ingest", "-", "--library", str(folder)], environ, json.dumps(ARTICLE))
    assert made.returncode == 0, made.stderr
    return folder


Finished = subprocess.CompletedProcess[str]


def start(arguments: list[str], environ: dict[str, str], stdin: str = "") -> Finished:
    """Run `dateline` to its end."""
    return python(["-m", "bot", *arguments], environ, stdin)


def python(arguments: list[str], environ: dict[str, str], stdin: str = "") -> Finished:
    return subprocess.run(
        [sys.executable, *arguments], check=False, env=environ, input=stdin, capture_output=True,
        encoding="utf-8", timeout=60,
    )  # fmt: skip


def test_importing_the_command_line_loads_nothing_heavy(environ: dict[str, str]) -> None:
    program = (
        "import sys, bot.__main__, bot.cli.app\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules))"
    )
    found = python(["-c", program], environ)

    assert (found.stdout.strip(), found.stderr) == ("", "")


def test_help_lists_mounted_commands_without_importing_them(environ: dict[str, str]) -> None:
    program = (
        "import sys, bot.__main__\n"
        "code = bot.__main__.main(['--help'])\n"
        f"print('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))\n"
        "sys.exit(code)"
    )
    shown = python(["-c", program], environ)

    assert shown.returncode == 0
    for command in ("ingest", "ask", "search", "articles", "stats", "doctor", "reindex", "eval"):
        assert f"│ {command} " in shown.stdout
    assert shown.stdout.splitlines()[-1] == "LOADED"


def test_help_costs_little(environ: dict[str, str]) -> None:
    start(["--help"], environ)  # byte-code is written by the first run
    costs = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert start(["--help"], environ).returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    # 0.2 s on a quiet machine; the bound leaves room for a busy one.
    assert min(costs) < 0.6


def test_an_offline_answer_loads_neither_llamaindex_nor_chroma(
    news: Path, environ: dict[str, str]
) -> None:
    names = ("llama_index", "chromadb", "openai", "trafilatura", "eval", "index.sources")
    program = (
        "import sys, bot.__main__\n"
        f"code = bot.__main__.main(['ask', {QUESTION!r}, '--library', {str(news)!r}])\n"
        f"print('LOADED', *(name for name in {names!r} if name in sys.modules))"
    )
    asked = python(["-c", program], environ)

    assert asked.stdout.splitlines()[-1] == "LOADED", asked.stdout


@pytest.mark.parametrize("locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}])
def test_output_is_utf8_whatever_the_locale(
    news: Path, environ: dict[str, str], locale: dict[str, str]
) -> None:
    # Neither of Python's own ways to UTF-8 may be what saves it.
    environ = {**environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", **locale}
    asked = start(["ask", QUESTION, "--library", str(news)], environ)

    assert asked.returncode == 0, asked.stderr
    assert "Zoë Łącka" in asked.stdout
    assert "Die Fähre „Maud“ läuft auf Grund" in asked.stdout


def test_bytes_that_are_no_utf8_are_a_wrong_use(news: Path, environ: dict[str, str]) -> None:
    command = [sys.executable.encode(), b"-m", b"bot", b"ask", b"who \xff?", b"--library"]
    command.append(bytes(news))
    asked = subprocess.run(command, check=False, env=environ, capture_output=True)

    assert asked.returncode == 2
    assert asked.stderr.startswith(b"error: ")
    assert asked.stderr.count(b"\n") == 1


def test_a_reader_that_goes_away_is_met_with_silence(news: Path, environ: dict[str, str]) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "search", "--batch", "-", "--library", str(news)],
        env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdin.write(json.dumps({"question": QUESTION}).encode() + b"\n")
    process.stdin.flush()
    assert process.stdout.readline().startswith(b'{"id": null')
    process.stdout.close()
    process.stdin.write(json.dumps({"question": QUESTION}).encode() + b"\n")
    process.stdin.close()

    assert process.wait(30) == 141
    assert process.stderr.read() == b""
    process.stderr.close()


def test_a_batch_answers_each_line_as_it_comes_and_ctrl_c_ends_it_with_one_calm_line(
    news: Path, environ: dict[str, str]
) -> None:
    with running(["ask", "--batch", "-", "--library", str(news)], environ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for number in range(2):
            line = json.dumps({"id": f"q{number}", "question": QUESTION}).encode()
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            # The input is still open: nothing waits for its end.
            assert json.loads(process.stdout.readline())["id"] == f"q{number}"
        process.send_signal(signal.SIGINT)

        assert process.wait(30) == 130
        assert process.stderr.read() == b"Stopped.\n"


@pytest.mark.slow
def test_an_ingest_that_is_stopped_says_how_to_go_on(home: Path, environ: dict[str, str]) -> None:
    folder, file = home / "stopped", home / "many.jsonl"
    lines = [{**ARTICLE, "url": f"https://x.example/{n}", "title": f"No {n}"} for n in range(3000)]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    command = ["ingest", str(file), "--library", str(folder), "--json"]
    with running(command, environ) as process:
        wait_for(folder / "lexical")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert b"Run the same command again for the rest." in err
    assert err.endswith(b"Stopped.\n")
    counted = json.loads(out)["added"]
    stats = json.loads(start(["stats", "--json", "--library", str(folder)], environ).stdout)
    assert stats["articles"] == counted < 3000


class running:  # noqa: N801  reads as a statement
    """A process with open streams, killed at the end if it still runs."""

    def __init__(self, arguments: list[str], environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", *arguments],
            env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream:
                stream.close()


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 30
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} never came"
        time.sleep(0.02)


def test_a_failure_shows_its_place_only_when_asked(news: Path, environ: dict[str, str]) -> None:
    program = (
        "import sys, bot.cli.search as search, bot.__main__\n"
        "def fail(*_): raise KeyError('kapow')\n"
        "search._find = fail\n"
        "for more in ([], ['-v', '--json']):\n"
        "    print('CODE', bot.__main__.main(sys.argv[1:] + more), flush=True)\n"
        "    print('END', file=sys.stderr, flush=True)"
    )
    done = python(["-c", program, "search", "q", "--library", str(news)], environ)
    quiet, loud, _ = done.stderr.split("END\n")
    quiet_code, loud_out, loud_code = done.stdout.splitlines()

    assert quiet_code == loud_code == "CODE 1"
    assert quiet.startswith("error: Dateline failed unexpectedly (KeyError: 'kapow'). Run")
    assert quiet.count("\n") == 1
    assert "Traceback" in loud
    assert json.loads(loud_out)["error"]["type"] == "InternalError"


def test_the_shell_can_complete_commands_and_options(environ: dict[str, str]) -> None:
    def complete(line: str) -> str:
        asking = {
            "_DATELINE_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        }
        return start([], {**environ, **asking}).stdout

    assert {"articles", "ask"} <= set(complete("dateline a").split())
    assert "remove" in complete("dateline articles re").split()
    assert "--as-of" in complete("dateline ask --as").split()
    assert "eval" in complete("dateline ev").split()


def examples() -> Iterator[list[str]]:
    for command in ("ingest", "ask", "search", "stats", "doctor", "reindex"):
        yield [command]
    for command in ("list", "show", "remove"):
        yield ["articles", command]


@pytest.mark.parametrize("command", list(examples()), ids=" ".join)
def test_each_help_has_an_example_that_can_be_parsed(
    command: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    [example] = [line for line in shown.splitlines() if "Example: " in line]
    words = shlex.split(example.partition("Example: ")[2])

    assert words[: len(command) + 1] == ["dateline", *command]
    # Options are parsed before help is shown, and nothing is done.
    assert main([*words[1:], "--help"]) == 0


def readme_commands() -> list[list[str]]:
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    lines = [line.strip().removeprefix("$ ") for line in readme.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("dateline ")]


def test_every_command_in_the_readme_can_be_parsed(capsys: pytest.CaptureFixture[str]) -> None:
    commands = readme_commands()
    assert len(commands) > 3
    for command in commands:
        assert main([*command[1:], "--help"]) == 0, capsys.readouterr().err
        assert " ".join(command[:2]) in capsys.readouterr().out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_one_line(news: Path, environ: dict[str, str]) -> None:
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "bot", "stats", "--json", "--library", str(news)]
        process = subprocess.run(
            command, check=False, env=environ, stdout=full, stderr=subprocess.PIPE
        )

    assert process.returncode == 1
    assert b"No space left" in process.stderr
    assert b"Traceback" not in process.stderr
