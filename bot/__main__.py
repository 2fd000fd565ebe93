"""The `dateline` command; `python -m bot` is the same."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot.cli.edge import run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command to its end and give its exit code; see `bot.cli.edge`."""
    return run(sys.argv[1:] if arguments is None else arguments)


if __name__ == "__main__":
    sys.exit(main())
