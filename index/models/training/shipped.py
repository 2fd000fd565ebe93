"""The graph that ships, at work on rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from index.models.files import open_session
from index.models.training.encoding import Row
from index.models.training.figures import Logits

# A row takes about 0.06 s of CPU.
_ROWS_BETWEEN_REPORTS = 100


class OnnxNetwork:
    """Reads rows one by one, as the bot does: its sums depend on what shares a batch."""

    def __init__(self, path: Path, report: Callable[[str], None]) -> None:
        """Open the graph at `path`; `report` is told in a line how far the reading is."""
        self._session = open_session(path)
        self._report = report

    def read(self, rows: Sequence[Row]) -> Iterator[Logits]:
        """Logits of rows, in their order."""
        for place, row in enumerate(rows):
            if place and place % _ROWS_BETWEEN_REPORTS == 0:
                self._report(f"{place} of {len(rows)} read")
            ids = np.array([row.tokens], np.int64)
            feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
            of_tokens, of_texts = self._session.run(["tokens", "texts"], feed)
            yield Logits(of_tokens[0], of_texts[0])
