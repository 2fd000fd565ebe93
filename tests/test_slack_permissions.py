"""Who gets an answer in Slack, what it may be made of, and who is told when that changes."""

from __future__ import annotations

import html
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from bot.__main__ import main
from bot.slack.corrections import Corrector
from bot.slack.policy import Policy
from bot.slack.routes import bot_scopes
from bot.slack.state import Asked, Kind
from bot.slack.view import ids
from bot.slack.workspace import SlackRefused
from index.article import Article
from index.sources.source import Source
from tests.slack.payloads import numbers, words
from tests.slack.server import LoopbackSlack
from tests.slack_rig import QUESTION, Mode, OAuthSettings, copy_bot, run_bot

MARATHON = "who won the women's race at the Marren Marathon?"


def policy(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    return path


@pytest.fixture
def rig(sample_bot, tmp_path):
    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP) as rig:
        yield rig


def test_guests_get_one_line_that_only_they_see(rig):
    slack = rig.slack
    asked = slack.ask(slack.gus, QUESTION)
    told = slack.wait_for(lambda: slack.ephemeral(slack.gus))
    rig.settle()
    assert "does not answer here" in words(told[0].blocks)
    assert slack.replies(asked) == []
    slack.command(slack.gus, QUESTION)
    slack.wait_for(lambda: len(slack.ephemeral(slack.gus)) == 2)
    slack.open_app(slack.gus, "home")
    home = slack.wait_for(lambda: slack.state.homes.get(slack.gus))
    assert "Eastgate" not in words(home["blocks"])
    slack.open_app(slack.gus)
    rig.settle()
    assert slack.state.prompts == {}


def test_a_shared_channel_gets_nothing_unless_it_is_allowed(sample_bot, tmp_path):
    def prepare(slack):
        slack.outside = slack.add_channel("joint", slack.ada, is_ext_shared=True)
        slack.allowed = slack.add_channel("pool", slack.ada, is_ext_shared=True)
        text = f"[channels.{slack.allowed}]\nshared = true"
        return {"policy": policy(tmp_path, text)}

    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, prepare=prepare) as rig:
        slack = rig.slack
        answered = slack.ask(slack.ada, QUESTION, channel=slack.allowed)
        silent = slack.ask(slack.ada, QUESTION, channel=slack.outside)
        slack.wait_for_answer(answered)
        rig.settle()
        assert slack.replies(silent) == []
        # A command does not tell that its channel is shared.
        slack.command(slack.ada, QUESTION, channel=slack.outside)
        slack.wait_for(lambda: len(slack.ephemeral(slack.ada)) == 2)
        shown = [words(one.blocks) for one in slack.ephemeral(slack.ada)]
        assert all("does not answer here" in one for one in shown)


def test_a_channel_sees_its_own_slice_whoever_asks(sample_bot, tmp_path):
    def prepare(slack):
        slack.sport = slack.add_channel("sport", slack.ada)
        text = f"""
        [channels.{slack.sport}]
        collections = ["nobody"]
        [collections.nobody]
        outlets = ["An outlet that is not there"]
        """
        return {"policy": policy(tmp_path, text)}

    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, prepare=prepare) as rig:
        slack = rig.slack
        open_to_all = slack.ask(slack.ada, QUESTION)
        sliced = slack.ask(slack.ada, QUESTION, channel=slack.sport)
        assert "Kozlov" in words(slack.wait_for_answer(open_to_all).blocks)
        hidden = slack.wait_for_answer(sliced)
        assert "Kozlov" not in words(hidden.blocks) + hidden.text
        assert numbers(hidden.blocks) == set()
        said = slack.say(slack.ada, "Ruth Chebet won the women's race.", channel=slack.sport)
        slack.shortcut(slack.ada, said, ids.CHECK_SHORTCUT)
        view = slack.wait_for(
            lambda: next(
                (one for one in slack.state.views.values() if len(one["blocks"]) > 1), None
            )
        )
        assert "1 not found" in words(view["blocks"])


def ingest(bot, article: Article) -> None:
    bot.ingester(lambda _: iter([article])).ingest([Source("articles", None, None)])


@pytest.fixture
def correcting(sample_bot, tmp_path, monkeypatch):
    monkeypatch.setattr("bot.slack.wiring._CORRECTIONS_SECONDS", 0.2)

    def prepare(slack):
        slack.quiet = slack.add_channel("quiet", slack.ada)
        return {"policy": policy(tmp_path, f"[channels.{slack.desk}]\ncorrections = true")}

    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, prepare=prepare) as rig:
        yield rig


def test_threads_that_want_it_are_told_once_of_a_correction(correcting):
    slack, bot = correcting.slack, correcting.bot
    asked = slack.ask(slack.ada, MARATHON)
    elsewhere = slack.ask(slack.ada, MARATHON, channel=slack.quiet)
    answer = slack.wait_for_answer(asked)
    slack.wait_for_answer(elsewhere)
    correcting.settle()
    (given,) = correcting.given.in_thread(slack.install.team, asked.channel, asked.ts)
    quote = given.answer.citations[0].quote
    stored = bot.library.catalog.article(given.answer.citations[0].article_id)
    # An edit elsewhere in the article is no correction.
    ingest(bot, edited(stored.article, stored.article.body + "\n\nThis story was archived."))
    ingest(bot, edited(stored.article, stored.article.body.replace(quote, quote + " It rained.")))
    mended = stored.article.body.replace("Kenya", "Uganda")
    assert mended != stored.article.body
    ingest(bot, edited(stored.article, mended))
    slack.wait_for(lambda: len(slack.replies(asked)) == 2)
    # Further edits of what was told already are no news.
    ingest(bot, edited(stored.article, mended + "\n\nThis story was archived."))
    catalog = bot.library.catalog
    slack.wait_for(
        lambda: catalog.settings().get("slack.corrections.revision") == str(catalog.revision)
    )
    slack.wait_for(lambda: len(slack.replies(asked)) == 2)
    correcting.settle()
    note = words(slack.replies(asked)[1].blocks)
    assert "changed" in note
    assert "Uganda" in note
    assert len(slack.replies(elsewhere)) == 1
    assert "Kenya" in words(answer.blocks)


def edited(article: Article, body: str) -> Article:
    kept = {name: getattr(article, name) for name in Article.__dataclass_fields__}
    return Article(**{**kept, "body": body})


def test_a_removed_article_leaves_no_word_in_its_answers(correcting):
    slack, bot = correcting.slack, correcting.bot
    asked = slack.ask(slack.ada, MARATHON)
    answer = slack.wait_for_answer(asked)
    correcting.settle()
    (given,) = correcting.given.in_thread(slack.install.team, asked.channel, asked.ts)
    cited = {one.article_id for one in given.answer.citations}
    bot.library.remove(cited, now=datetime.now(UTC))
    slack.wait_for(lambda: "removed" in words(answer.blocks))
    slack.wait_for(lambda: len(slack.replies(asked)) == 2)
    slack.wait_for(lambda: correcting.given.find(given.answer_id).answer is None)
    assert "Chebet" not in words(answer.blocks) + answer.text
    assert len(slack.replies(asked)) == 2
    slack.say(slack.ada, "where is she from?", thread_ts=asked.ts)
    correcting.settle()
    assert all("Kenya" not in words(one.blocks) for one in slack.replies(asked))


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
def test_a_removal_is_told_even_if_slack_was_away(correcting, method):
    slack, bot = correcting.slack, correcting.bot
    asked = slack.ask(slack.ada, MARATHON)
    answer = slack.wait_for_answer(asked)
    correcting.settle()
    (given,) = correcting.given.in_thread(slack.install.team, asked.channel, asked.ts)
    slack.fail(method, "internal_error", times=2)
    bot.library.remove({one.article_id for one in given.answer.citations}, now=datetime.now(UTC))
    slack.wait_for(lambda: len(slack.replies(asked)) == 2)
    slack.wait_for(lambda: correcting.given.find(given.answer_id).withdrawn_at)
    assert "removed" in words(answer.blocks)
    assert len(slack.replies(asked)) == 2


def test_a_correction_finds_a_workspace_of_an_organisation(rig):
    slack, catalog = rig.slack, rig.bot.library.catalog
    asked = slack.ask(slack.ada, MARATHON)
    slack.wait_for_answer(asked)
    rig.settle()
    team = slack.install.team
    (given,) = rig.given.in_thread(team, asked.channel, asked.ts)
    elsewhere = Asked("C9", "1.0", team, "1.0", slack.ada, Kind.MENTION, "", "1.0", enterprise="E1")
    rig.ledger.withdraw(elsewhere)
    looked_up = []

    def find(*names):
        looked_up.append(names)
        raise SlackRefused("installation", "not_installed")

    rules = Policy.parse(f"[channels.{slack.desk}]\ncorrections = true")
    corrector = Corrector(catalog, rig.given, rig.ledger, rules, find)
    corrector.catch_up()
    rig.bot.library.remove({given.answer.citations[0].article_id}, now=datetime.now(UTC))
    assert corrector.catch_up() == 0
    assert looked_up == [(team, "E1")]


def fetch(address: str, cookie: str = "") -> tuple[int, dict[str, str], str]:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=10)
    try:
        path = f"{place.path}?{place.query}" if place.query else place.path
        connection.request("GET", path, headers={"cookie": cookie} if cookie else {})
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


def install(rig, team: str, *, state: str | None = None) -> int:
    """Install the app as somebody does in a browser; the last page's status."""
    bot = f"http://127.0.0.1:{rig.service.port}/slack"
    _, headers, page = fetch(f"{bot}/install")
    link = html.unescape(re.search(r'href="([^"]*oauth/v2/authorize[^"]*)"', page)[1])
    query = dict(parse_qsl(urlsplit(link).query))
    assert set(query["scope"].split(",")) == set(bot_scopes())
    agreed = {"client_id": query["client_id"], "redirect_uri": f"{bot}/oauth_redirect",
              "state": state or query["state"], "team": team}  # fmt: skip
    base = rig.slack.web.url
    _, sent, _ = fetch(f"{base}/oauth/v2/authorize?{urlencode(agreed)}")
    cookie = headers["set-cookie"].partition(";")[0]
    return fetch(sent["location"], cookie)[0]


def test_several_workspaces_install_one_app(sample_bot, tmp_path):
    def prepare(slack):
        app = slack.state.app
        return {"oauth": OAuthSettings(app.client_id, app.client_secret)}

    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP, prepare=prepare) as rig:
        slack = rig.slack
        # Nobody has installed it yet.
        lost = slack.ask(slack.ada, QUESTION)
        assert install(rig, "T0SECOND", state="forged") == 400
        assert install(rig, "T0SECOND") == 200
        assert install(rig, slack.install.team) == 200
        second = slack.state.installations["T0SECOND"]
        dora = slack.add_user("dora", team="T0SECOND")
        room = slack.add_channel("room", dora, team="T0SECOND")
        here = slack.ask(slack.ada, QUESTION)
        there = slack.say(dora, f"<@{second.bot_user}> {QUESTION}", channel=room)
        own = slack.state.installations[slack.install.team]
        assert slack.wait_for_answer(here).user == own.bot_user
        assert slack.wait_for_answer(there).user == second.bot_user
        assert slack.replies(lost) == []
        # Tokens are kept in the catalog's database, and nowhere in the log.
        assert (
            rig.service.app.installation_store.find_bot(
                enterprise_id=None, team_id="T0SECOND", is_enterprise_install=False
            ).bot_token
            == second.token
        )


def test_check_says_what_is_missing(sample_bot, tmp_path, monkeypatch, capsys):
    with run_bot(sample_bot, tmp_path / "library", mode=Mode.HTTP) as rig:
        slack = rig.slack
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.bot_token)
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        monkeypatch.setenv("DATELINE_SLACK_API_URL", slack.api_url)
        assert main(["slack", "check", "--json"]) == 0
        told = {one["what"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
        assert told["bot token"]["ok"]
        assert told["app token"]["ok"]
        assert told["scopes"]["ok"] is not False
        slack.install.scopes = tuple(sorted(set(bot_scopes()) - {"users:read"}))
        slack.state.app.app_token_scopes = ()
        assert main(["slack", "check", "--json"]) == 1
        told = {one["what"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
        assert "users:read" in told["scopes"]["detail"]
        assert told["app token"]["ok"] is False
        monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-wrong")
        assert main(["slack", "check"]) == 1
        assert "xoxb" not in capsys.readouterr().err


def test_without_tokens_run_says_what_to_set(capsys, monkeypatch):
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert main(["slack", "run"]) == 2
    assert "SLACK_BOT_TOKEN and SLACK_APP_TOKEN" in capsys.readouterr().err


def test_a_process_says_when_it_is_ready_and_ends_on_sigterm(sample_bot, tmp_path):
    with LoopbackSlack() as slack, copy_bot(sample_bot, tmp_path / "library"):
        environ = {
            **{k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")},
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "DATELINE_SLACK_API_URL": slack.api_url,
        }
        command = [sys.executable, "-m", "bot", "slack", "run", "--library", tmp_path / "library"]
        process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
        try:
            assert slack.courier.sockets.wait_for(1, 60)
            assert 1 in numbers(slack.wait_for_answer(slack.ask(slack.ada, QUESTION), 60).blocks)
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0
    assert "Dateline is in Slack (socket mode)" in told
    assert "answered status=" in told
    assert "Russian" not in told
    assert "Traceback" not in told
