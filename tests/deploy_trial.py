"""What `docs/deploy/compose.yaml` starts, without containers: the same commands and settings.

    python -m tests.deploy_trial

PostgreSQL, Chroma, a watcher on a news site, and two bots over HTTP to which a Slack on loopback
delivers in turn. A question is asked of each, one bot is ended, and the other answers on.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from tests.chroma_server import ChromaProcess
from tests.news_site import START, NewsSite
from tests.postgres_server import PASSWORD, PostgresServer, find_programs
from tests.slack.server import LoopbackSlack

ROOT = Path(__file__).parent.parent
DATELINE = str(Path(sys.executable).with_name("dateline"))
COMPOSE = yaml.safe_load((ROOT / "docs" / "deploy" / "compose.yaml").read_text())["services"]


def main() -> int:
    """Run it; the exit code tells whether all went as it should."""
    folder = Path(tempfile.mkdtemp(prefix="dateline-deploy-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        programs = find_programs()
        assert programs, "PostgreSQL is not installed"
        postgres, chroma = PostgresServer(programs), ChromaProcess()
        stack.callback(postgres.stop)
        stack.callback(chroma.stop)
        postgres.start()
        chroma.start()
        began = time.monotonic()
        site = NewsSite(lambda: START + timedelta(seconds=3600 * (time.monotonic() - began)))
        origin = stack.enter_context(site.serve(0))
        slack = stack.enter_context(LoopbackSlack())
        shared = {
            "DATELINE_CATALOG": postgres.url("postgres").replace(f":{_quoted(PASSWORD)}@", "@"),
            "DATELINE_CHROMA": chroma.url,
            "PGPASSWORD": PASSWORD,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "DATELINE_SLACK_API_URL": slack.api_url,
            "DATELINE_SLACK_HOST": "127.0.0.1",
            "DATELINE_FETCH_ALLOW": urlsplit(origin).netloc,
            "DATELINE_FETCH_DELAY": "0",
        }
        sources = folder / "sources.yaml"
        listed = [{"url": url, "every": "1m"} for url in site.sources()]
        sources.write_text(yaml.safe_dump({"sources": listed, "max_age": "9000d"}))
        watcher = _settings("watcher", shared, folder / "watcher")
        stack.enter_context(_running(["watch", str(sources)], watcher, folder / "watcher.log"))
        _wait(lambda: _count(watcher) >= 5, 180, "the watcher's first stories")
        ports = [_free_port(), _free_port()]
        bots = []
        for number, port in enumerate(ports):
            told = _settings("bot", shared, folder / f"bot{number}")
            told["DATELINE_SLACK_PORT"] = str(port)
            log = folder / f"bot{number}.log"
            bots.append(stack.enter_context(_running(COMPOSE["bot"]["command"], told, log)))
        for port in ports:
            _wait(lambda port=port: _is_ready(port), 120, f"the bot at {port}")
        slack.courier.http_urls = [f"http://127.0.0.1:{port}/slack/events" for port in ports]
        answered = [_ask(slack, number) for number in range(4)]
        print(f"with two bots: {answered}")  # noqa: T201
        bots[0].send_signal(signal.SIGTERM)
        code = bots[0].wait(120)
        slack.courier.http_urls = slack.courier.http_urls[1:]
        after = [_ask(slack, number) for number in range(4, 6)]
        print(f"the first ended with {code}; then: {after}")  # noqa: T201
        doctors = [_doctor(shared, folder / name) for name in ("watcher", "bot0", "bot1")]
        print(f"doctor: {doctors}, stories: {_count(watcher)}")  # noqa: T201
        logs = "".join(path.read_text() for path in folder.glob("*.log"))
        is_secret = PASSWORD in logs or slack.bot_token in logs or slack.signing_secret in logs
        print(f"secrets in logs: {is_secret}")  # noqa: T201
        is_well = answered == [1] * 4 and after == [1] * 2 and code == 0 and doctors == [0] * 3
        if not is_well or is_secret:
            print(logs[-6000:])  # noqa: T201
        return 0 if is_well and not is_secret else 1


def _settings(service: str, shared: dict[str, str], library: Path) -> dict[str, str]:
    """The service's environment, with this machine's addresses in place of the network's."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATELINE_", "OPENAI_", "SLACK_", "PG"))
    }
    named = COMPOSE[service]["environment"]
    # Only what the service is given there: a name that it lacks must not be missed here.
    own = {name: shared.get(name, named[name]) for name in named if not name.startswith("OPENAI")}
    extra = {name: value for name, value in shared.items() if "FETCH" in name or "API_URL" in name}
    return plain | own | extra | {"DATELINE_LIBRARY": str(library)}


@contextmanager
def _running(
    command: list[str], environment: dict[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            [DATELINE, *command], env=environment, stdout=out, stderr=out, cwd=log.parent
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(120)


def _ask(slack: LoopbackSlack, number: int) -> int:
    """How many answers a question gets."""
    question = slack.ask(slack.ada, f"What did the council decide about the tram line? ({number})")
    slack.wait_for_answer(question, 60)
    time.sleep(1)
    return len(slack.replies(question))


def _count(environment: dict[str, str]) -> int:
    told = subprocess.run(
        [DATELINE, "stats", "--json"], env=environment, capture_output=True, text=True, check=False
    )
    return int(yaml.safe_load(told.stdout).get("articles", 0)) if told.stdout else 0


def _doctor(shared: dict[str, str], library: Path) -> int:
    environment = _settings("watcher", shared, library)
    told = subprocess.run(
        [DATELINE, "doctor"], env=environment, capture_output=True, text=True, check=False
    )
    if told.returncode:
        print(told.stdout + told.stderr)  # noqa: T201
    return told.returncode


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=3) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _wait(condition: object, seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come in {seconds} s")
        time.sleep(0.5)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _quoted(password: str) -> str:
    return password.replace("!", "%21")


if __name__ == "__main__":
    sys.exit(main())
