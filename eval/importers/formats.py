"""Which public sets can be imported, by the name that the command line gives them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from eval.importers.beir import import_beir
from eval.importers.clapnq import import_clapnq
from eval.importers.imported import ImportedSet
from eval.importers.mtrag import import_mtrag
from eval.importers.multihop_rag import import_multihop_rag
from eval.importers.natural_questions import import_natural_questions
from eval.importers.realtimeqa import import_realtimeqa
from eval.importers.squad import import_squad
from index.errors import UsageError

IMPORTERS: Mapping[str, Callable[[Path], ImportedSet]] = MappingProxyType(
    {
        "multihop-rag": import_multihop_rag,
        "clapnq": import_clapnq,
        "mtrag": import_mtrag,
        "mtrag-un": import_mtrag,
        "squad": import_squad,
        "realtimeqa": import_realtimeqa,
        "natural-questions": import_natural_questions,
        "beir": import_beir,
    }
)


def import_set(name: str, source: Path) -> ImportedSet:
    """Read a public set from its file or folder.

    Raises:
        UsageError: If no importer has that name, or the files are not in its format.
    """
    importer = IMPORTERS.get(name)
    if importer is None:
        raise UsageError(f"No importer is called {name!r}. Name one of: {', '.join(IMPORTERS)}.")
    return importer(source)
