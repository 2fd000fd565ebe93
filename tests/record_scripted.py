"""Records the replies of the scripted model `wavering` for `eval/sets/recorded.jsonl` anew.

    python tests/record_scripted.py        (or: make recordings)

No language model is involved: `tests/openai_server.py` makes each reply of the prompt. A change of
prompts, retrieval or checking makes other requests; then the strict run in CI misses recordings,
this is run, and the difference is looked at before it is committed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from runpy import run_path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "eval" / "recordings" / "recorded"
SERVER = run_path(str(Path(__file__).with_name("openai_server.py")))


def main() -> int:
    """Record; gives the exit code of the run."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    run = Path(os.environ.get("TMPDIR", "/tmp")) / f"record-{os.getpid()}.run.jsonl"
    with SERVER["OpenAIServer"](SERVER["SCRIPTS"]["wavering"]) as server:
        environ = {name: value for name, value in os.environ.items() if "OPENAI" not in name}
        environ |= {"DATELINE_LLM_BASE_URL": server.url, "DATELINE_LLM_MODEL": "wavering"}
        command = [
            sys.executable, "-m", "bot", "eval", "run", "eval/sets/recorded.jsonl", "--sample",
            "--now", "2026-11-01", "--replay", "record", "--recordings", str(FOLDER),
            "--label", "scripted by tests/openai_server.py (wavering); no language model",
            "--run", str(run), "--in-process", "--workers", "2",
        ]  # fmt: skip
        code = subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode
    run.unlink(missing_ok=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
