"""What of the index an operator may set, read from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from index.errors import UsageError
from index.models import MODELS, MULTILINGUAL_E5_SMALL


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Settings of the index; the defaults hold where the environment says nothing."""

    NAMES: ClassVar[frozenset[str]] = frozenset({"DATELINE_EMBEDDING_MODEL"})
    """Every variable that is read here."""

    embedding_model: str = MULTILINGUAL_E5_SMALL.name
    """`DATELINE_EMBEDDING_MODEL`: one of `index.models.MODELS`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> IndexSettings:
        """Read the settings; an empty variable counts as not set.

        Raises:
            UsageError: If a value is not one that can be used.
        """
        model = environ.get("DATELINE_EMBEDDING_MODEL") or MULTILINGUAL_E5_SMALL.name
        if model not in MODELS:
            raise UsageError(
                f"DATELINE_EMBEDDING_MODEL={model!r}: there is no such model. "
                f"Choose one of: {', '.join(sorted(MODELS))}."
            )
        return cls(embedding_model=model)
