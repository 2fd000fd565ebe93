"""Writes the payload of every message layout to tests/golden/slack/: look at the difference.

python -m tests.slack.golden
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.slack.gallery import Exhibit, Gallery

GOLDEN = Path(__file__).parent.parent / "golden" / "slack"


def render_golden(exhibit: Exhibit) -> str:
    """The payload as it is kept."""
    return json.dumps(exhibit.payload, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write all, and remove what is no longer shown."""
    GOLDEN.mkdir(parents=True, exist_ok=True)
    exhibits = Gallery().exhibits()
    for path in GOLDEN.glob("*.json"):
        if path.stem not in exhibits:
            path.unlink()
    for name, exhibit in exhibits.items():
        (GOLDEN / f"{name}.json").write_text(render_golden(exhibit), encoding="utf-8")
    sys.stdout.write(f"{len(exhibits)} files in {GOLDEN}\n")


if __name__ == "__main__":
    main()
