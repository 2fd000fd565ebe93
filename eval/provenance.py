"""What a run was made with: everything that could change a result, and when and where it was."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

# What retrieval and answering rest on; an extra that is not installed is told as absent.
_PACKAGES = (
    "chromadb", "numpy", "onnxruntime", "pystemmer", "tantivy", "tokenizers",
    "llama-index-core", "openai",
)  # fmt: skip
_ROOMS = ("bot", "index", "prompts")
_CODE = frozenset({".py", ".md", ".json", ".toml", ".txt"})


SCORING = (
    "documents.py", "given_answer.py", "metrics/*.py", "retrieval.py", "scoring.py", "summary.py",
)  # fmt: skip
"""What of `eval` makes scores of answers; the rest asks, keeps, compares and shows."""


def describe_program(prompts: Path | None = None) -> dict[str, str]:
    """Versions of Python, Dateline and what it rests on, and hashes of the code itself.

    Args:
        prompts: A folder whose files stand in for the prompts of the same name.
    """
    described = {"python": platform.python_version(), "dateline": _version("dateline")}
    described |= {f"version of {package}": _version(package) for package in _PACKAGES}
    code = {"code": digest_code(), "scoring code": digest_scoring()}
    return described | describe_prompts(prompts) | code


def describe_prompts(instead: Path | None = None) -> dict[str, str]:
    """The hash of each prompt in use, so that a report can tell which of them changed."""
    described = {}
    for shipped in sorted(_folder_of("prompts").glob("*.md")):
        other = instead / shipped.name if instead else shipped
        used = other if other.is_file() else shipped
        described[f"prompt {shipped.stem}"] = _digest_bytes(used.read_bytes())
    return described


def describe_moment() -> dict[str, str]:
    """When and where a run begins, and the commit that is checked out there."""
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _read_commit(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors",
    }


def _read_commit() -> str:
    """The commit of the sources, with a `+` if something there is not committed."""
    try:
        commit, changed = _git("rev-parse", "HEAD"), _git("status", "--porcelain", "-uno")
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return f"{commit}{'+' if changed else ''}"


def _git(*arguments: str) -> str:
    folder = str(_folder_of("bot").parent)
    command = ["git", "-C", folder, *arguments]
    done = subprocess.run(  # noqa: S603  our own words
        command, capture_output=True, text=True, check=True, timeout=10
    )
    return done.stdout.strip()


def digest_code() -> str:
    """`sha256:` and a hash of every source file and prompt: an edit makes another program."""
    return digest_room(*_ROOMS)


def digest_room(*rooms: str) -> str:
    """The same of some rooms only."""
    return _digest_files((room, path) for room in rooms for path in _folder_of(room).rglob("*"))


def digest_scoring() -> str:
    """The same of what scores answers: by other rules the same answers have other figures."""
    folder = _folder_of("eval")
    return _digest_files(("eval", path) for pattern in SCORING for path in folder.glob(pattern))


def _digest_files(path_by_room: Iterable[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for room, path in sorted(path_by_room):
        if path.suffix in _CODE and path.is_file():
            name = f"{room}/{path.relative_to(_folder_of(room)).as_posix()}"
            digest.update(f"{name} {_digest_bytes(path.read_bytes())}\n".encode())
    return f"sha256:{digest.hexdigest()}"


def _digest_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _folder_of(room: str) -> Path:
    # Found, not imported: nothing of the bot needs to run for this.
    spec = find_spec(room)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
