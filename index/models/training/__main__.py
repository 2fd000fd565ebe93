"""The commands that keep, make and measure the reading model.

    python -m index.models.training check [PASSAGES]
    python -m index.models.training pack FILE… --out PASSAGES
    python -m index.models.training train --out FOLDER [--wheel FILE] [--epochs N] [--seed N]
    python -m index.models.training export --weights FILE --out FOLDER [--wheel FILE]
    python -m index.models.training measure [--model FOLDER] [--limit N]

Exit code 0; 1 if something that was given cannot be used, or a passage has a fault.
"""

from __future__ import annotations

import argparse
import logging
import sys

from index.errors import DatelineError
from index.models.training.commands import add_commands


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m index.models.training",
        description="Keep, make and measure the reading model.",
    )
    add_commands(parser)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except DatelineError as error:
        sys.stderr.write(f"{error}\n")
        return 1


if __name__ == "__main__":
    # onnxruntime recommends a preprocessing step that would change the graph.
    logging.getLogger().setLevel(logging.ERROR)
    sys.exit(main())
