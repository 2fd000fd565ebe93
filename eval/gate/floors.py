"""Absolute floors: what a set's figures must reach, whatever the baseline was.

{"samples.jsonl": {"accuracy": {"least": 0.5}, "false_answers": {"most": 0.25}}}
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from eval.run_file import Run
from index.errors import UsageError

FLOORS = Path("eval/floors.json")
"""Where floors are looked for if no file is named."""


class Floor(BaseModel):
    """The bounds of one figure, a mean over all cases; at least one of them is set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    least: Annotated[float, Field(ge=0, le=1)] | None = None
    most: Annotated[float, Field(ge=0, le=1)] | None = None

    @model_validator(mode="after")
    def _bounds_something(self) -> Floor:
        if self.least is None and self.most is None:
            raise ValueError('give "least" or "most"')
        return self


@dataclass(frozen=True, slots=True)
class FloorCheck:
    """One figure before its floor."""

    figure: str
    value: float | None
    """None if the figure applies to no case: then the floor is broken, not kept in silence."""
    floor: Floor

    @property
    def holds(self) -> bool:
        """Whether the value is within both bounds."""
        low = -math.inf if self.floor.least is None else self.floor.least
        high = math.inf if self.floor.most is None else self.floor.most
        return self.value is not None and low - 1e-9 <= self.value <= high + 1e-9


def load_floors(path: Path, set_name: str) -> dict[str, Floor]:
    """The floors of one set by figure; none if the file does not name the set.

    Raises:
        UsageError: If the file is not there, or cannot be used.
    """
    try:
        floors = TypeAdapter(dict[str, dict[str, Floor]]).validate_python(
            json.loads(path.read_text(encoding="utf-8"))
        )
    except OSError as error:
        raise UsageError(
            f"Cannot read the floors in {path}: {error.strerror or error}. Name a file that is "
            "there with --floors."
        ) from error
    except ValueError as error:
        raise UsageError(f"{path} holds no floors: {_explain(error)}") from error
    return floors.get(set_name, {})


def check_floors(run: Run, floors: Mapping[str, Floor]) -> tuple[FloorCheck, ...]:
    """Every floor of the set, in the file's order."""
    return tuple(FloorCheck(name, _mean(run, name), floor) for name, floor in floors.items())


def _mean(run: Run, figure: str) -> float | None:
    values = [record.scores[figure] for record in run.records if figure in record.scores]
    return math.fsum(values) / len(values) if values else None


def _explain(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}."
    return f"{' '.join(str(error).split())}."
