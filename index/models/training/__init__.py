"""Trains the reading model that ships as `news-reader`, from passages that lie beside this file.

    python -m index.models.training check | pack | train | export | measure

Nothing of the installed bot imports this package, and the wheel leaves it out. What the model is
for stands in `bot.reading`; what came of the last training, in `news-reader/PROVENANCE.md`.
"""

from pathlib import Path

PASSAGES_FILE = Path(__file__).parent / "passages.jsonl.gz"
"""The training data that we keep."""
