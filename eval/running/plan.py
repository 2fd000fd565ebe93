"""From options to a session: what is asked, of what, and what may not be asked together."""

from __future__ import annotations

import os
from pathlib import Path

from eval.dataset import load_questions
from eval.replay.mode import ReplayMode
from eval.replay.recordings import Recordings
from eval.running.configuration import Configuration
from eval.running.cost import Prices
from eval.running.library import make_library, sample_sources
from eval.running.options import AskingOptions, MatrixOptions
from eval.running.session import Manner, Session
from eval.running.subject import Specification
from index.errors import UsageError
from index.moment import Moment


def plan_session(options: AskingOptions, configuration: Configuration) -> Session:
    """The session that the options describe, under one configuration; its library is made.

    Raises:
        UsageError: If options contradict each other, or a file cannot be used.
        LibraryError: If the library cannot be made.
    """
    _refuse_contradictions(options)
    mode = ReplayMode(options.replay)
    questions = load_questions(options.set_file)
    if options.batch and any(question.without for question in questions):
        raise UsageError("Some questions hide articles, which `dateline ask` cannot. Omit --batch.")
    recordings = _open_recordings(options, mode)
    prices = Prices.parse(options.prices) if options.prices else None
    return Session(
        set_name=options.set_file.name,
        questions=questions,
        specification=Specification(
            library=_library(options, configuration, recordings, mode),
            made=options.sample or bool(options.articles),
            configuration=configuration,
            offline=options.offline,
            given=options.given,
            now=_read_now(options, recordings),
            replay=mode,
            recordings=recordings.folder if recordings else None,
        ),
        repeats=options.repeats,
        manner=Manner(
            workers=options.workers or os.cpu_count() or 1,
            timeout_seconds=options.timeout,
            batch=options.batch,
            in_process=options.in_process,
        ),
        cost_of=prices.cost_of if prices else lambda _: None,
    )


def _refuse_contradictions(options: AskingOptions) -> None:
    if options.replay not in set(ReplayMode):
        raise UsageError(f"--replay {options.replay!r}: choose off, record or strict.")
    replays = options.replay != ReplayMode.OFF
    chosen = bool(getattr(options, "choices", None)) or isinstance(options, MatrixOptions)
    for together, what_to_do in (
        (options.sample and options.articles, "Give --sample or --articles, not both."),
        (
            options.library and (options.sample or options.articles),
            "Give --library, or articles to read into one; not both.",
        ),
        (options.offline and replays, "Give --offline or --replay: offline there is no model."),
        (options.batch and options.in_process, "Give --batch or --in-process, not both."),
        (
            options.batch and (replays or chosen or options.now or options.given),
            "`dateline ask` can be told none of --replay, --with, --now and --given. Omit --batch.",
        ),
    ):
        if together:
            raise UsageError(what_to_do)


def _library(
    options: AskingOptions,
    configuration: Configuration,
    recordings: Recordings | None,
    mode: ReplayMode,
) -> Path:
    sources = sample_sources() if options.sample else options.articles
    if sources and recordings is None:
        return make_library(sources, configuration, os.environ)
    if sources and recordings:
        from eval.replay.transport import open_recorder  # noqa: PLC0415  it loads httpx

        with open_recorder(recordings.folder, mode, options.read_settings()) as recorder:
            transport = recorder.transport
            return make_library(sources, configuration, os.environ, transport=transport)
    if "chunk_tokens" in configuration.model_fields_set:
        raise UsageError(
            "chunk_tokens changes how articles are cut. Give the articles, with --sample or "
            "--articles, and they are read into a library of their own."
        )
    return options.read_settings().library


def _open_recordings(options: AskingOptions, mode: ReplayMode) -> Recordings | None:
    if mode is ReplayMode.OFF:
        return None
    recordings = Recordings(options.recordings or Path("eval/recordings") / options.set_file.stem)
    if mode is ReplayMode.RECORD:
        from eval.replay.transport import write_manifest  # noqa: PLC0415  it loads httpx

        write_manifest(recordings, options.read_settings(), label=options.label, now=options.now)
    return recordings


def _read_now(options: AskingOptions, recordings: Recordings | None) -> Moment | None:
    manifest = recordings.manifest() if recordings else None
    text = options.now or (manifest.now if manifest else None)
    if text is None:
        return None
    try:
        return Moment.parse(text)
    except ValueError as error:
        raise UsageError(f"--now {text!r}: {error}.") from error
