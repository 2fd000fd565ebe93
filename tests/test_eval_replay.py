"""Recording a model's replies, and giving them back where nothing may be sent."""

import asyncio
import json
import shutil
import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import prompts
from bot.answer import Status
from bot.settings import BotSettings
from bot.writer.chat import Message
from bot.writer.llm import load_chat_model
from bot.writer.prompt import make_key
from eval.commands import app
from eval.dataset import Expectation, GoldQuestion, save_questions
from eval.record import Case
from eval.replay.mode import ReplayMode
from eval.replay.recordings import Recordings
from eval.replay.reply import IncompleteReply, read_reply, write_reply
from eval.replay.request import KeyNames, hide_secrets, read_request
from eval.replay.transport import Recorder, ReplayMiss, write_manifest
from eval.run_file import read_run
from index.errors import UsageError
from index.remote.embedding import RemoteEmbedder
from index.remote.patience import ServerFailed
from tests.openai_server import OpenAIServer, Reply, faithful

KEY = "sk-test-0123456789abcdef"
BODY = "The ferry sank off Pelum on Thursday. Orla Lines owns the ferry, the harbour said."
ASKED = {
    "ferry": "Who owns the ferry that sank off Pelum?",
    "when": "When did the ferry sink off Pelum?",
}


def chat_body(*texts, **parameters):
    messages = [{"role": "user", "content": text} for text in texts]
    return json.dumps({"model": "m", "messages": messages, **parameters}).encode()


def canonical(*texts, **parameters):
    return read_request("/v1/chat/completions", chat_body(*texts, **parameters))[0]


# The canonical form.


def test_requests_that_differ_in_their_keys_only_are_the_same():
    one, other = (
        canonical(f"=== passage {key} begins ===\nText\n=== passage {key} ends ===")
        for key in (make_key(), make_key())
    )
    assert one == other
    assert one.digest == other.digest
    assert "<key 1>" in one.messages[0].text


def test_keys_are_numbered_by_first_mention_and_filled_in_again():
    _, names = read_request("/v1/chat/completions", chat_body("k11111111 k22222222", "k11111111"))
    assert names.number("[k22222222] and [k11111111]") == "[<key 2>] and [<key 1>]"
    assert names.fill("[<key 2>] [<key 9>]") == "[k22222222] [<key 9>]"


@pytest.mark.parametrize(
    "change", [{"temperature": 0.1}, {"model": "n"}, {"max_tokens": 5}, {"stream": True}]
)
def test_a_parameter_makes_another_request(change):
    assert canonical("Hello", **change).digest != canonical("Hello").digest


def test_a_servers_address_does_not():
    one, _ = read_request("/v1/chat/completions", chat_body("Hello"))
    other, _ = read_request("/openai/deployments/x/v1/chat/completions", chat_body("Hello"))
    assert one.digest == other.digest


def test_what_looks_like_a_secret_is_not_kept():
    text = f"{KEY} xoxb-123456789-abc Bearer abcdefghijkl.mno"
    assert hide_secrets(text) == "*** *** Bearer ***"
    assert KEY not in repr(canonical(f"my key is {KEY}"))


# The reply.


def stream_of(*events, done=True):
    lines = [b"data: " + json.dumps(event).encode() + b"\n\n" for event in events]
    return b"".join(lines) + (b"data: [DONE]\n\n" if done else b"")


def piece(delta, finish=None):
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def test_a_stream_of_text_is_kept_as_that_text():
    names = KeyNames(("k11111111",))
    body = stream_of(piece({"content": "It sa"}), piece({"content": "nk. [k11111111]"}, "stop"))
    reply = read_reply("text/event-stream", body, names)
    assert reply == {"text": "It sank. [<key 1>]", "finish": "stop"}
    kind, written = write_reply(reply, KeyNames(("k22222222",)))
    assert read_reply(kind, written, KeyNames(("k22222222",))) == reply
    assert b"k22222222" in written.replace(b'"}, "finish_reason": null}]', b"")


def test_a_stream_of_other_pieces_is_kept_whole():
    body = stream_of(piece({"refusal": "I can't."}), piece({}, "stop"))
    reply = read_reply("text/event-stream", body, KeyNames(()))
    assert reply == {"stream": [piece({"refusal": "I can't."}), piece({}, "stop")]}
    assert write_reply(reply, KeyNames(()))[1] == body


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/event-stream", stream_of(piece({"content": "It"}), done=False)),
        ("text/event-stream", stream_of(piece({"content": "It"}))),
        ("text/event-stream", b"data: {\n\ndata: [DONE]\n\n"),
        ("application/json", b"{"),
        ("text/html", b"<html>"),
    ],
)
def test_a_reply_that_is_not_whole_is_not_kept(kind, body):
    with pytest.raises(IncompleteReply):
        read_reply(kind, body, KeyNames(()))


def test_vectors_are_kept_as_float32():
    body = {"data": [{"index": 1, "embedding": [0.1, 2]}, {"index": 0, "embedding": [3, -4.5]}]}
    reply = read_reply("application/json", json.dumps(body).encode(), KeyNames(()))
    assert len(reply["vectors"]) == 2
    data = json.loads(write_reply(reply, KeyNames(()))[1])["data"]
    assert [one["embedding"] for one in data] == [[3.0, -4.5], [pytest.approx(0.1), 2.0]]


# The transport, below the client libraries.


def settings_for(server):
    environ = {
        "DATELINE_LLM_BASE_URL": server.url,
        "DATELINE_LLM_MODEL": "scripted",
        "DATELINE_LLM_KEY": KEY,
    }
    return BotSettings.from_env(environ)


@pytest.fixture
def server():
    with OpenAIServer(faithful) as scripted:
        yield scripted


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to reach another machine, or this one, fails the test that makes it."""

    def refuse(*_):
        raise AssertionError("the network was touched")

    def cut():
        monkeypatch.setattr(socket.socket, "connect", refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        monkeypatch.setattr(socket, "create_connection", refuse)

    return cut


def recorder_for(folder, mode, settings):
    return Recorder(Recordings(folder), mode, settings)


def ask_model(recorder, settings, text="Hello"):
    """One request through LlamaIndex's adapter, as the writer makes it."""

    def ask(case):
        with closing(load_chat_model(recorder.fill(settings).llm, recorder.transport)) as chat:
            pieces = chat.stream([Message("user", text)], max_tokens=9, timeout_seconds=5)
            return {"said": "".join(piece.text for piece in pieces)}

    return recorder.watching(ask)


def case(name="ferry", repeat=0):
    question = GoldQuestion(name, ASKED[name], Expectation(Status.ABSTAINED))
    return Case(question, repeat)


def test_what_llamaindex_sends_is_recorded_and_given_back_without_a_network(tmp_path, no_network):
    with OpenAIServer(Reply("Orla Lines.")) as server:
        settings = settings_for(server)
        write_manifest(Recordings(tmp_path), settings, label="scripted", now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        recorded = ask_model(recorder, settings)(case())
        again = ask_model(recorder, settings)(case())
        recorder.transport.close()
        assert len(server.requests) == 1
    assert recorded["said"] == again["said"] == "Orla Lines."
    no_network()
    # Strict, and as on a machine that has neither key nor server.
    bare = BotSettings.from_env({})
    strict = recorder_for(tmp_path, ReplayMode.STRICT, bare)
    assert ask_model(strict, bare)(case()) == recorded
    # Nor does it matter whose key is set, and for which model.
    own = BotSettings.from_env({"OPENAI_API_KEY": "sk-somebodys-own-key"})
    assert ask_model(strict, own)(case()) == recorded
    assert strict.fill(own).llm == strict.fill(bare).llm
    assert strict.fill(own, model="another").llm.model == "another"


def test_a_model_that_samples_is_recorded_repeat_by_repeat(tmp_path, no_network):
    with OpenAIServer(Reply("Heads."), Reply("Tails.")) as server:
        settings = settings_for(server)
        write_manifest(Recordings(tmp_path), settings, label=None, now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        said = [ask_model(recorder, settings)(case(repeat=n))["said"] for n in (0, 1)]
        recorder.transport.close()
    assert said == ["Heads.", "Tails."]
    no_network()
    strict = recorder_for(tmp_path, ReplayMode.STRICT, settings)
    assert [ask_model(strict, settings)(case(repeat=n))["said"] for n in (1, 0)] == [
        "Tails.",
        "Heads.",
    ]
    with pytest.raises(ReplayMiss, match=r"ferry, repeat 2: .* is the same request of another"):
        ask_model(strict, settings)(case(repeat=2))


def test_a_failing_server_is_not_recorded(tmp_path):
    with OpenAIServer(Reply(status=500), Reply("cut", cut="clean"), Reply("Yes.")) as server:
        settings = settings_for(server)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        for _ in range(2):
            with (
                closing(load_chat_model(settings.llm, recorder.transport)) as chat,
                suppress(ServerFailed),
            ):
                list(chat.stream([Message("user", "?")], max_tokens=9, timeout_seconds=5))
        assert len(Recordings(tmp_path).all()) == 0
        ask_model(recorder, settings, "?")(case())
        recorder.transport.close()
    assert len(Recordings(tmp_path).all()) == 1


@pytest.mark.parametrize(
    "failure",
    [Reply(status=500), Reply("broken", cut="broken")],
    ids=["refused", "broken"],
)
def test_what_is_sent_again_after_a_failure_is_found_by_a_strict_run(tmp_path, failure):
    def ask_again(recorder, settings):
        def ask(_):
            with closing(load_chat_model(recorder.fill(settings).llm, recorder.transport)) as chat:
                for _ in range(3):
                    with suppress(ServerFailed):
                        pieces = chat.stream(
                            [Message("user", "?")], max_tokens=9, timeout_seconds=5
                        )
                        return {"said": "".join(piece.text for piece in pieces)}
                return {}

        return recorder.watching(ask)

    with OpenAIServer(failure, Reply("Yes.")) as server:
        settings = settings_for(server)
        write_manifest(Recordings(tmp_path), settings, label=None, now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        recorded = ask_again(recorder, settings)(case())
        recorder.transport.close()
    strict = recorder_for(tmp_path, ReplayMode.STRICT, settings)

    assert recorded["said"] == "Yes."
    assert ask_model(strict, settings, "?")(case()) == recorded


def test_no_file_holds_the_key(tmp_path):
    with OpenAIServer(Reply(f"My key is {KEY}."), Reply("Fine.")) as server:
        settings = settings_for(server)
        write_manifest(Recordings(tmp_path), settings, label=None, now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        ask_model(recorder, settings, f"What is {KEY}?")(case())
        ask_model(recorder, settings)(case())
        recorder.transport.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 3
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_an_asynchronous_client_is_answered_too(tmp_path, no_network):
    with OpenAIServer(Reply("Yes.")) as server:
        settings = settings_for(server)
        write_manifest(Recordings(tmp_path), settings, label=None, now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        import httpx

        with httpx.Client(transport=recorder.transport) as client:
            first = client.post(f"{server.url}/chat/completions", content=chat_body("Hello"))

    async def ask():
        import httpx

        strict = recorder_for(tmp_path, ReplayMode.STRICT, settings)
        async with httpx.AsyncClient(transport=strict.transport) as client:
            url = "http://elsewhere.invalid/v1/chat/completions"
            return await client.post(url, content=chat_body("Hello"))

    reply = asyncio.run(ask())
    assert b"Yes." in reply.content
    assert first.status_code == reply.status_code == 200


def test_vectors_of_a_server_are_given_back_whoever_asks(tmp_path, no_network):
    environ = {
        "DATELINE_EMBEDDING_MODEL": "scripted",
        "DATELINE_EMBEDDING_DIMENSIONS": "64",
        "DATELINE_LLM_MODEL": "scripted",
    }
    with OpenAIServer(Reply("unused")) as server:
        environ |= {"DATELINE_EMBEDDING_BASE_URL": server.url, "DATELINE_LLM_BASE_URL": server.url}
        settings = BotSettings.from_env(environ)
        write_manifest(Recordings(tmp_path), settings, label=None, now=None)
        recorder = recorder_for(tmp_path, ReplayMode.RECORD, settings)
        embed = embedder_for(settings, recorder)
        vectors = embed.embed_passages(["The ferry sank.", "A bridge opened."])
        embed.close()
        recorder.transport.close()
    no_network()
    strict = recorder_for(tmp_path, ReplayMode.STRICT, settings)
    again = embedder_for(settings, strict).embed_passages(["The ferry sank.", "A bridge opened."])
    assert abs(again - vectors).max() < 1e-6
    assert vectors.shape == (2, 64)


def embedder_for(settings, recorder):
    return RemoteEmbedder(
        settings.index.embedding_server, counter=None, transport=recorder.transport
    )


# Whole runs.


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    source = tmp_path_factory.mktemp("archive") / "articles.jsonl"
    article = {
        "url": "https://post.example/ferry",
        "title": "Ferry sinks off Pelum",
        "outlet": "Pelum Post",
        "published_at": "2031-05-01T08:00:00Z",
        "body": BODY,
    }
    source.write_text(json.dumps(article) + "\n")
    return source


@dataclass(frozen=True)
class Place:
    """Where a set, its articles and recordings are."""

    folder: Path
    articles: Path

    def run(self, mode, *more, name=None):
        path = self.folder / f"{name or mode}.run.jsonl"
        words = ["run", self.folder / "set.jsonl", "--articles", self.articles, "--run", path]
        words += ["--replay", mode, "--recordings", self.folder / "recorded", "--in-process"]
        words = [str(word) for word in (*words, "--fresh", *more)]
        result = CliRunner().invoke(app, words, standalone_mode=False)
        if result.exception:
            raise result.exception
        return read_run(path)


def place_in(folder, archive):
    questions = [
        GoldQuestion(name, text, Expectation(Status.ANSWERED, answers=(("Orla Lines",),)))
        for name, text in ASKED.items()
    ]
    save_questions(folder / "set.jsonl", questions)
    return Place(folder, archive)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """Libraries are made in here once, not anew for every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def recording(tmp_path_factory, archive, cache):
    """A recorded run, with the place where it was made and how many requests it took."""
    place = place_in(tmp_path_factory.mktemp("recording"), archive)
    with OpenAIServer(faithful) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATELINE_LLM_BASE_URL", server.url)
        patch.setenv("DATELINE_LLM_MODEL", "scripted")
        patch.setenv("DATELINE_LLM_KEY", KEY)
        kept = place.run("record", "--now", "2031-06-01", "--label", "scripted, no model")
        return place, kept, len(server.requests)


@pytest.fixture
def run(tmp_path, archive, cache):
    return place_in(tmp_path, archive).run


@pytest.fixture
def recorded(tmp_path, recording, no_network):
    """The recorded run; its recordings are in `tmp_path`, and the network is cut."""
    place, kept, _ = recording
    shutil.copytree(place.folder / "recorded", tmp_path / "recorded")
    no_network()
    return kept


def test_a_recorded_run_is_repeated_to_the_word_without_a_network(recorded, run, recording):
    strict = run("strict")
    assert recording[2] >= 2
    for before, after in zip(recorded.records, strict.records, strict=True):
        assert after.outcome.error is None
        assert after.outcome.answer["answered_by"] == {"writer": "llm", "model": "scripted"}
        assert before.outcome.answer["sentences"] == after.outcome.answer["sentences"]
        assert before.outcome.answer["usage"] == after.outcome.answer["usage"]
        assert before.scores == after.scores
        assert before.outcome.replayed == after.outcome.replayed
    assert strict.config["now"] == "2031-06-01"


def test_recordings_are_small_and_share_their_texts(recorded, tmp_path):
    files = sorted((tmp_path / "recorded").glob("*.*.yaml"))
    assert [path.name.split(".")[0] for path in files] == ["ferry", "when"]
    assert all(path.stat().st_size < 4_000 for path in files)
    fields = yaml.safe_load(files[0].read_text())
    assert fields["case"] == "ferry"
    assert "sank off Pelum" in fields["reply"]["text"]
    assert KEY not in "".join(path.read_text() for path in files)
    texts = [path.read_text() for path in (tmp_path / "recorded" / "texts").iterdir()]
    # The system prompt is kept once, whoever sends it.
    assert sum("You answer questions from a news archive" in text for text in texts) == 1


def test_one_changed_character_of_a_prompt_is_told_exactly(recorded, run, tmp_path):
    folder = tmp_path / "prompts"
    folder.mkdir()
    shipped = Path(prompts.__file__).with_name("answer.system.md").read_text()
    assert shipped.startswith("You answer questions from a news archive.")
    (folder / "answer.system.md").write_text(shipped.replace("news archive.", "news archive!", 1))
    strict = run("strict", "--with", f"prompts={folder}")
    for record in strict.records:
        error = record.outcome.error
        assert error.startswith(f"ReplayMiss: no recording for {record.outcome.id}: against ")
        assert "message 1 (system) line 1: at character 41 " in error
        assert "a news archive! You" in error
        assert ", was “" in error
        assert "a news archive. You" in error
        assert "message 2" not in error


def test_a_changed_limit_is_told_too(recorded, run, tmp_path):
    manifest = tmp_path / "recorded" / "server.yaml"
    manifest.write_text(manifest.read_text().replace("tokens: 2000", "tokens: 1500"))
    error = run("strict").records[0].outcome.error
    assert "max_tokens is 1500, was 2000" in error


def test_a_recording_that_is_gone_fails_its_case_alone_and_names_it(recorded, run, tmp_path):
    (gone,) = (tmp_path / "recorded").glob("ferry.*.yaml")
    gone.unlink()
    strict = {record.outcome.id: record.outcome for record in run("strict").records}
    assert "no recording for ferry: " in strict["ferry"].error
    assert strict["when"].error is None


def test_a_text_that_is_gone_ends_the_run_naming_it(recorded, run, tmp_path):
    text = next((tmp_path / "recorded" / "texts").iterdir())
    text.unlink()
    with pytest.raises(UsageError, match=text.name):
        run("strict")


def test_stale_recordings_are_listed_and_pruned(recorded, run, tmp_path):
    folder = tmp_path / "recorded"
    (ferry,) = folder.glob("ferry.*.yaml")
    fields = yaml.safe_load(ferry.read_text())
    fields["digest"], fields["case"] = "0" * 64, "old"
    (folder / "old.000000000000.yaml").write_text(yaml.safe_dump(fields))
    (folder / "texts" / "0000000000000000.txt").write_text("nobody needs me")
    run("strict")
    listed = call("list", folder, "--run", tmp_path / "strict.run.jsonl").stdout
    assert "old.000000000000.yaml  stale altered" in listed
    assert f"{ferry.name}\n" in listed
    assert listed.startswith("scripted, no model: 3 recordings")
    told = call("prune", folder, "--run", tmp_path / "strict.run.jsonl").stdout
    assert "old.000000000000.yaml" in told
    assert "1 stale of 3; 2 files deleted" in told
    assert run("strict", name="after").records[0].outcome.error is None


def call(*words):
    return CliRunner().invoke(
        app, ["recordings", *(str(word) for word in words)], catch_exceptions=False
    )


def test_nothing_is_pruned_by_a_run_that_cannot_tell(recorded, run, tmp_path):
    (ferry,) = (tmp_path / "recorded").glob("ferry.*.yaml")
    kept = ferry.read_bytes()
    ferry.unlink()
    run("strict")
    ferry.write_bytes(kept)
    with pytest.raises(UsageError, match="is not whole"):
        call("prune", tmp_path / "recorded", "--run", tmp_path / "strict.run.jsonl")
    with pytest.raises(UsageError, match="Name a run"):
        call("prune", tmp_path / "recorded")


def test_a_strict_run_without_recordings_says_what_to_do(run):
    with pytest.raises(UsageError, match=r"Nothing is recorded in .*--replay record"):
        run("strict")


def test_recording_another_model_into_the_same_folder_is_refused(recorded, tmp_path, server):
    other = BotSettings.from_env(
        {"DATELINE_LLM_BASE_URL": server.url, "DATELINE_LLM_MODEL": "another"}
    )
    with pytest.raises(UsageError, match="made otherwise"):
        write_manifest(Recordings(tmp_path / "recorded"), other, label=None, now="2031-06-01")
