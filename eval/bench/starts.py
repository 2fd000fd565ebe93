"""What it costs to start: help, one cold question, and many questions to one process."""

from __future__ import annotations

import json

from eval.bench.figures import Figure, Section
from eval.bench.process import Finished
from eval.bench.stage import Stage

_QUESTION = "who led the Russian delegation?"
_ANSWERED = (0, 3, 4)
_HEAVY = (
    "llama_index", "chromadb", "openai", "trafilatura", "onnxruntime", "tokenizers", "tantivy",
    "sqlalchemy", "numpy", "pydantic", "rich",
)  # fmt: skip
_NEVER = frozenset({"llama_index", "chromadb", "openai", "trafilatura"})
# What was loaded when the answer stood; the exit code is the program's own.
_SPY = f"""
import sys
from bot.__main__ import main
code = main(sys.argv[1:])
print(*(name for name in {_HEAVY!r} if name in sys.modules), file=sys.stderr)
sys.exit(code)
"""


def measure_starts(stage: Stage) -> Section:
    """Help and cold answers, each in a process of its own."""
    stage.fill_samples()
    stage.say("starting the program")
    helped = [stage.dateline("--help") for _ in range(stage.effort.starts)]
    ask = ("ask", "--offline", "--library", str(stage.samples), _QUESTION)
    stage.dateline(*ask, codes=_ANSWERED)  # from here on, every file is in the system's cache
    asked = [stage.dateline(*ask, codes=_ANSWERED) for _ in range(stage.effort.starts)]
    loaded = stage.python("-c", _SPY, *ask, codes=_ANSWERED).stderr.split()
    unwanted = len(_NEVER.intersection(loaded))
    return Section(
        "Starting",
        (
            Figure("dateline --help", "CPU s", _cpu(helped), ceiling=0.3),
            Figure("cold ask", "CPU s", _cpu(asked)),
            Figure("cold ask", "s", tuple(done.wall_seconds for done in asked)),
            Figure("cold ask, peak memory", "MB", tuple(done.peak_mb for done in asked)),
            Figure("cold ask, heavy modules it should not load", "", (unwanted,), ceiling=0),
        ),
        (f"A cold ask loads: {', '.join(loaded)}.", f"It must not: {', '.join(sorted(_NEVER))}."),
    )


def measure_batch(stage: Stage) -> Section:
    """The sample questions, all to one process."""
    stage.fill_samples()
    questions = stage.questions()
    stage.say(f"asking {len(questions)} questions in one batch")
    lines = [json.dumps({"id": one.id, "question": one.text}) for one in questions]
    command = ("ask", "--offline", "--library", str(stage.samples), "--batch", "-")
    done = stage.dateline(*command, stdin="\n".join(lines).encode())
    times = [json.loads(line)["timings_ms"] for line in done.stdout.splitlines()]
    stages = ("retrieve", "write", "total")
    return Section(
        "One process, many questions: ask --batch on the sample archive",
        (
            *(Figure(f"an answer, {name}", "ms", tuple(t[name] for t in times)) for name in stages),
            Figure("answers, start of the process included", "per CPU s",
                   (len(times) / done.cpu_seconds,)),
            Figure("peak memory", "MB", (done.peak_mb,)),
        ),
    )  # fmt: skip


def _cpu(many: list[Finished]) -> tuple[float, ...]:
    return tuple(done.cpu_seconds for done in many)
