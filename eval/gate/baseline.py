"""The blessed run that later ones are held against: small, compressed, the same bytes each time."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from eval.provenance import describe_moment
from eval.record import CaseRecord, render_record
from eval.run_file import Run, render_header
from index.errors import UsageError

BASELINES = Path("eval/baselines")
_DECIMALS = 4


def baseline_path(set_name: str) -> Path:
    """Where the baseline of a set is kept."""
    return BASELINES / f"{Path(set_name).stem}.jsonl.gz"


def bless(run: Run, path: Path, *, reason: str | None) -> None:
    """Make a run the baseline. Passages are left out: what was cited is told by the citations.

    Raises:
        UsageError: If the run is not whole, or the file cannot be written.
    """
    failed = [record for record in run.records if record.failed]
    if not run.notes or failed:
        what = f"{len(failed)} cases failed" if failed else "it did not come to its end"
        raise UsageError(f"This run is no baseline: {what}. Give its command again first.")
    about = dict(run.about) | {"blessed": describe_moment()["started"]}
    about |= {"reason": reason} if reason else {}
    lines: list[dict[str, Any]] = [render_header(run.config, about)]
    lines += [_slim(record) for record in run.records]
    lines.append({**run.notes, "ended": True})
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without the time of writing, equal runs give equal files.
        path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    except OSError as error:
        raise UsageError(f"Cannot write {path}: {error.strerror or error}.") from error


def _slim(record: CaseRecord) -> dict[str, Any]:
    fields = render_record(record)
    answer = dict(fields["answer"] or {})
    for bulky in ("passages", "signals", "timings_ms"):
        answer.pop(bulky, None)
    fields["answer"] = answer
    fields["seconds"] = 0.0
    fields["scores"] = {name: round(one, _DECIMALS) for name, one in record.scores.items()}
    return fields
