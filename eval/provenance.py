"""What a run was made with: everything that could change a result goes into its file."""

from __future__ import annotations

import hashlib
import platform
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
    return described | {"code": digest_code()}


def digest_code() -> str:
    """`sha256:` and a hash of every source file and prompt: an edit makes another program."""
    digest = hashlib.sha256()
    for room in _ROOMS:
        folder = _folder_of(room)
        for path in sorted(folder.rglob("*")):
            if path.suffix in _CODE and path.is_file():
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                digest.update(f"{room}/{path.relative_to(folder).as_posix()} {content}\n".encode())
    return f"sha256:{digest.hexdigest()}"


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
