"""What a run was made with: everything that could change a result, and when and where it was."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
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


def describe_program() -> dict[str, str]:
    """Versions of Python, Dateline and what it rests on, and a hash of the code itself."""
    described = {"python": platform.python_version(), "dateline": _version("dateline")}
    described |= {f"version of {package}": _version(package) for package in _PACKAGES}
    return described | describe_prompts() | {"code": digest_code()}


def describe_prompts() -> dict[str, str]:
    """The hash of each prompt, so that a report can tell which of them changed."""
    prompts = sorted(_folder_of("prompts").glob("*.md"))
    return {f"prompt {path.stem}": _digest_bytes(path.read_bytes()) for path in prompts}


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
    digest = hashlib.sha256()
    for room in rooms:
        folder = _folder_of(room)
        for path in sorted(folder.rglob("*")):
            if path.suffix in _CODE and path.is_file():
                content = _digest_bytes(path.read_bytes())
                digest.update(f"{room}/{path.relative_to(folder).as_posix()} {content}\n".encode())
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
