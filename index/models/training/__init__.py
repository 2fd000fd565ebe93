"""Trains the reading model that ships as `news-reader`, from what lies beside this file.

    python -m index.models.training check | pack | train | export | measure

Nothing of the installed bot imports this package, and the wheel leaves it out. What the model is
for stands in `bot.reading`; what came of the last training, in `news-reader/PROVENANCE.md`.
"""

from pathlib import Path

PASSAGES_FILE = Path(__file__).parent / "passages.jsonl.gz"
"""Pieces of articles, with questions for one who has the piece in hand, and claims."""
ARTICLES_FILE = PASSAGES_FILE.with_name("articles.jsonl.gz")
"""Whole articles, with questions as an archive is asked: each stands alone.

The shipped model was not trained on these yet. To go on from its weights with them, on two cores
with AMX: `train --passages ARTICLES --after WEIGHTS --learned PASSAGES --frozen-layers 4 --epochs 1
--minutes 60`, under an allocator that keeps what it has (MALLOC_MMAP_MAX_=0).
"""
