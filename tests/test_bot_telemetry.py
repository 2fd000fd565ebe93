"""What an operator sees: spans at a real OTLP receiver, a real scrape, log lines for programs."""

from __future__ import annotations

import json
import logging
import math
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.answer import Answer, Question, Reason, Sentence, Status
from bot.cli.logs import JsonFormatter, LogfmtFormatter
from bot.given import GivenAnswers, Place
from bot.given.census import count_given
from bot.parts import Parts
from bot.slack.metrics import Metrics
from bot.slack.state import Asked, Kind, Task
from bot.slack.tracing import TracedHandler
from bot.telemetry.metrics import AnswerMeter, LibraryCollector, MeteredAnswerer, render_survey
from bot.telemetry.settings import LogForm, LogSettings, TraceSettings
from bot.telemetry.survey import OutletState, SourceState, Survey, survey_library
from bot.telemetry.tracing import current_trace_id, open_open_telemetry
from bot.telling import hear
from bot.wiring import Bot
from index.errors import LibraryError, UsageError

ROOT = Path(__file__).parents[1]


class Collector:
    """An OTLP/HTTP collector that keeps the spans it is sent."""

    def __init__(self, status: int = 200) -> None:
        self.spans: list = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = ExportTraceServiceRequest.FromString(body)
                for resource in request.resource_spans:
                    for scope in resource.scope_spans:
                        collector.spans += scope.spans
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    receiver = Collector()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
    yield receiver
    receiver.stop()


def test_a_question_leaves_one_trace_without_its_text(
    collector: Collector, sample_bot: Bot
) -> None:
    settings = TraceSettings.from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    with open_open_telemetry(settings) as tracer:
        bot = Bot(sample_bot.library, sample_bot.embedder, Parts(tracer=tracer))
        with tracer.span("ask"):
            answer = bot.answerer().answer(Question("who led the Russian delegation?"))

    spans = {span.name: span for span in collector.spans}
    assert {"ask", "retrieve", "embed", "dense", "bm25", "rerank", "read"} <= spans.keys()
    assert {span.trace_id.hex() for span in collector.spans} == {answer.trace_id}
    assert spans["dense"].parent_span_id == spans["retrieve"].span_id
    assert spans["retrieve"].parent_span_id == spans["ask"].span_id
    sent = str(collector.spans).lower()
    assert "delegation" not in sent
    assert "pyongyang" not in sent


def test_what_is_kept_can_be_shown_in_its_order() -> None:
    with open_open_telemetry(TraceSettings(), keeps=True) as tracer:
        with tracer.span("outer", passages=2), tracer.span("inner") as span:
            span.note(hits=7)
        tracer.record("written", 60_000, requests=1)
        measured = tracer.measured()

        # "written" began, as it says, before the other two.
        assert [(one.name, one.depth, one.facts) for one in measured] == [
            ("written", 0, {"requests": 1}),
            ("outer", 0, {"passages": 2}),
            ("inner", 1, {"hits": 7}),
        ]
        assert measured[0].milliseconds == 60_000
        assert tracer.measured() == []


def test_a_failing_stage_tells_its_kind_and_not_its_words(collector: Collector) -> None:
    def fail() -> None:
        raise RuntimeError("the minister's words")

    with (
        open_open_telemetry(TraceSettings(collector.url)) as tracer,
        pytest.raises(RuntimeError),
        tracer.span("read"),
    ):
        fail()

    (span,) = collector.spans
    assert span.status.message == "RuntimeError"
    assert "minister" not in str(span)


def test_two_processes_put_a_slack_question_into_one_trace(collector: Collector) -> None:
    task = Task(_asked(), "lease", 2, False, None, None, received_at=0.0)
    seen: list[str | None] = []

    class Handler:
        def handle(self, _: Task) -> None:
            seen.append(current_trace_id())

    with (
        open_open_telemetry(TraceSettings(collector.url)) as first,
        first.begin("slack.event", task.asked.trace_key) as span,
    ):
        span.note(receipt="taken")
        seen.append(first.trace_id)
    with open_open_telemetry(TraceSettings(collector.url)) as second:
        TracedHandler(Handler(), second).handle(task)

    event, question = collector.spans
    assert event.trace_id == question.trace_id
    assert event.parent_span_id == question.parent_span_id != b""
    assert seen == [event.trace_id.hex()] * 2


def test_a_collector_that_is_away_costs_a_line_and_no_answer(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Collector()
    receiver.stop()
    address = receiver.url.replace("http://", "http://user:hush@")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
    settings = TraceSettings.from_env({"OTEL_EXPORTER_OTLP_ENDPOINT": address})
    with open_open_telemetry(settings) as tracer, tracer.span("ask"):
        pass

    told = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert told == [f"traces cannot be sent to {receiver.url.removeprefix('http://')}"]
    assert "hush" not in caplog.text


def test_an_answer_without_tracing_loads_no_tracing_library() -> None:
    code = (
        "import sys, bot.wiring, bot.cli.ask, bot.cli.tracer\n"
        "with bot.cli.tracer.open_tracer() as tracer: assert tracer.trace_id is None\n"
        "print([name for name in sys.modules if name.startswith(('opentelemetry', 'prometheus'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip() == "[]"


# Metrics


def test_answers_are_counted_by_what_became_of_them() -> None:
    registry = CollectorRegistry()
    written = Answer(
        Question("q"),
        Status.ANSWERED,
        sentences=(Sentence("It did.", (1,)), Sentence("Twice.", (1,))),
        writer="llm",
        signals={"rejected": 3.0, "repaired": 1.0, "elsewhere": 2.0},
        timings_ms={"retrieve": 40.0, "verify": 2.0},
        usage={"prompt_tokens": 900, "completion_tokens": 60},
    )
    declined = Answer(Question("q"), Status.ABSTAINED, reason=Reason.STALE)

    class Answering:
        def stream(self, question: Question):
            yield from ()
            return written if question.text == "q" else declined

    metered = MeteredAnswerer(Answering(), AnswerMeter(registry))
    assert hear(metered.stream(Question("q"))) is written
    assert hear(metered.stream(Question("other"))) is declined

    value = _values(generate_latest(registry))
    assert value["dateline_answers_total", ("", "answered", "llm")] == 1
    assert value["dateline_answers_total", ("stale", "abstained", "reader")] == 1
    assert value["dateline_sentences_total", ("shown",)] == 2
    assert value["dateline_sentences_total", ("rejected",)] == 3
    assert value["dateline_tokens_total", ("prompt",)] == 900
    assert value["dateline_stage_seconds_sum", ("retrieve",)] == pytest.approx(0.04)


def test_freshness_is_shown_of_every_outlet_and_source(sample_bot: Bot) -> None:
    survey = survey_library(sample_bot.library.catalog)
    value = _values(render_survey(survey))

    assert value["dateline_library_up", ()] == 1
    assert value["dateline_articles", ()] == survey.articles > 50
    newest = value["dateline_outlet_newest_timestamp_seconds", ("The Harbor Post",)]
    # 2025-06-30: its report of that day is the newest.
    assert datetime.fromtimestamp(newest, UTC).date().isoformat() == "2025-06-30"


def test_hostile_names_stay_inside_their_label() -> None:
    name = 'x"} 1\ndateline_articles 99\n# <script>'
    source = SourceState("https://a.example/feed", 10.0, None, 3, 5.5)
    survey = Survey(1, 2, 3, 0, (OutletState(name, 1, 7.0),), (source,))
    value = _values(render_survey(survey))

    assert value["dateline_articles", ()] == 1
    assert value["dateline_outlet_newest_timestamp_seconds", (name,)] == 7
    assert value["dateline_source_failures", ("https://a.example/feed",)] == 3
    assert ("dateline_source_newest_timestamp_seconds", ("https://a.example/feed",)) not in value


def test_a_library_that_cannot_be_read_is_down_and_the_scrape_goes_on() -> None:
    def fail() -> Survey:
        raise LibraryError("away")

    registry = CollectorRegistry()
    registry.register(LibraryCollector(fail))
    assert _values(generate_latest(registry)) == {("dateline_library_up", ()): 0}


def test_a_scrape_tells_of_a_library_that_is_away_and_of_all_else() -> None:
    def fail() -> float:
        raise LibraryError("away")

    metrics = Metrics()
    metrics.watch("open_questions", "open", fail)
    metrics.watch("busy_workers", "busy", lambda: 2)
    values = _values(metrics.render())
    assert math.isnan(values["dateline_slack_open_questions", ()])
    assert values["dateline_slack_busy_workers", ()] == 2


def test_the_alert_rules_ask_for_metrics_that_exist(sample_bot: Bot) -> None:
    registry = CollectorRegistry()
    AnswerMeter(registry).observe(Answer(Question("q"), Status.ANSWERED))
    source = SourceState("s", 1.0, 1.0, 0, 1.0)
    survey = Survey(1, 1, 1, 0, (OutletState("o", 1, 1.0),), (source,))
    names = {name for name, _ in _values(generate_latest(registry) + render_survey(survey))}
    slack = Metrics()
    slack.count_answer("answered", 1.0)
    slack.time_ack(0.1)
    slack.watch("open_questions", "open", lambda: 1)
    names |= {name for name, _ in _values(slack.render())}
    rules = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text())
    asked = {
        word
        for group in rules["groups"]
        for rule in group["rules"]
        for word in rule["expr"].replace("(", " ").replace("[", " ").replace("{", " ").split()
        if word.startswith("dateline_")
    }
    assert asked
    assert asked <= names
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["summary"]
            assert rule["annotations"]["remedy"]


def test_given_answers_are_counted_and_no_table_is_made_for_it(library) -> None:
    now = datetime.now(UTC)
    assert count_given(library.catalog.database, now - timedelta(days=7)) == {}
    given = GivenAnswers(library.catalog.database)
    for status in (Status.ANSWERED, Status.ANSWERED, Status.ABSTAINED):
        given.keep(Answer(Question("q"), status), Place("T", "C", "1.0"), "U")
    found = count_given(library.catalog.database, now - timedelta(days=7))
    assert found == {"answered": 2, "abstained": 1}
    assert count_given(library.catalog.database, now + timedelta(days=1)) == {}


# Logs


def test_a_log_line_is_an_object_for_programs() -> None:
    record = logging.makeLogRecord(
        {
            "name": "bot.slack.clerk",
            "levelno": logging.INFO,
            "levelname": "INFO",
            "msg": "answered status=%s citations=%d",
            "args": ("answered", 3),
            "created": 0.0,
        }
    )
    row = json.loads(JsonFormatter().format(record))
    assert row == {
        "time": "1970-01-01T00:00:00.000+00:00",
        "level": "info",
        "logger": "bot.slack.clerk",
        "event": "answered",
        "status": "answered",
        "citations": "3",
    }
    line = LogfmtFormatter().format(record)
    assert line == (
        "status=answered citations=3 time=1970-01-01T00:00:00.000+00:00 level=info "
        "logger=bot.slack.clerk event=answered"
    )


def test_a_hostile_log_message_is_one_line_and_forges_no_field() -> None:
    message = 'could not read "a\nlevel=error b" level=debug time=never'
    record = logging.makeLogRecord({"name": "bot", "msg": message, "levelname": "WARNING"})
    row = json.loads(JsonFormatter().format(record))
    assert row["level"] == "warning"
    assert row["time"] != "never"
    assert "\n" not in LogfmtFormatter().format(record)


def test_log_settings_refuse_what_they_do_not_know() -> None:
    assert LogSettings.from_env({"DATELINE_LOG": "json", "DATELINE_LOG_LEVEL": "INFO"}) == (
        LogSettings(logging.INFO, LogForm.JSON)
    )
    for environ in ({"DATELINE_LOG": "xml"}, {"DATELINE_LOG_LEVEL": "loud"}):
        with pytest.raises(UsageError, match="choose"):
            LogSettings.from_env(environ)


def _asked() -> Asked:
    return Asked("C1", "1.5", "T1", "1.5", "U1", Kind.MENTION, "who led it?", "1.5")


def _values(text: bytes) -> dict[tuple[str, tuple[str, ...]], float]:
    return {
        (sample.name, tuple(value for name, value in sample.labels.items() if name != "le")): (
            sample.value
        )
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
        if not sample.name.endswith(("_created", "_bucket"))
    }
