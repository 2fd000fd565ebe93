"""What an operator may set, read once from the environment at the entry point."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from platformdirs import user_data_path

from bot.slack.settings import SlackSettings
from bot.telemetry.settings import LogSettings
from bot.writer.settings import LlmSettings
from index.errors import UsageError
from index.settings import IndexSettings
from index.store.address import Servers

_PREFIX = "DATELINE_"


@dataclass(frozen=True, slots=True)
class BotSettings:
    """Settings of the bot and, inside them, those of the index."""

    NAMES: ClassVar[frozenset[str]] = frozenset({"DATELINE_LIBRARY"})
    """Every variable that is read here; those of the index come on top."""

    library: Path
    """`DATELINE_LIBRARY`: the library's folder; `library` in the user's data folder without it."""
    sample_library: Path
    """Where the sample archive lives: beside the default library, wherever the user's own is."""
    index: IndexSettings
    llm: LlmSettings | None = None
    """The language model that writes; None where none is set, and answers are quotes."""

    @classmethod
    def from_env(
        cls, environ: Mapping[str, str], *, model: str | None = None, offline: bool = False
    ) -> BotSettings:
        """Read the settings; an empty variable counts as not set.

        Args:
            environ: The environment.
            model: A language model's name, before that of the environment.
            offline: Leave out the language model, whatever is set.

        Raises:
            UsageError: If a value cannot be used, or a name that begins with `DATELINE_` is not
                known: a misspelled setting must not be passed over in silence.
        """
        rooms = (IndexSettings, LlmSettings, SlackSettings, LogSettings)
        _refuse_unknown(environ, cls.NAMES.union(*(room.NAMES for room in rooms)))
        index = IndexSettings.from_env(environ)
        if offline and index.embedding_server:
            raise UsageError(
                f"The embedding model {index.embedding_model} is behind a server, so nothing can "
                "be asked of its library with --offline. Leave it out, or use a library made "
                "with a model that ships with Dateline."
            )
        home = _user_data_folder()
        named = environ.get("DATELINE_LIBRARY")
        return cls(
            library=Path(named).expanduser() if named else home / "library",
            sample_library=home / "sample",
            index=index,
            llm=None if offline else LlmSettings.from_env(environ, model),
        )

    def at_sample(self, folder: Path | None = None) -> BotSettings:
        """The same for the sample archive, which is always made of files, in `folder` if given."""
        return self.in_files(folder or self.sample_library)

    def in_files(self, folder: Path) -> BotSettings:
        """The same for a library of files in `folder`, whatever servers the environment names."""
        return replace(self, library=folder, index=replace(self.index, servers=Servers()))


def _refuse_unknown(environ: Mapping[str, str], known: frozenset[str]) -> None:
    for name in sorted(environ):
        if name.startswith(_PREFIX) and name not in known:
            endings = [one.removeprefix(_PREFIX) for one in sorted(known)]
            near = difflib.get_close_matches(name.removeprefix(_PREFIX), endings, 1, cutoff=0.5)
            remedy = (
                f"Did you mean {_PREFIX}{near[0]}?"
                if near
                else f"Known: {', '.join(sorted(known))}."
            )
            raise UsageError(f"There is no setting {name}. {remedy} Rename it or unset it.")


def _user_data_folder() -> Path:
    return user_data_path("dateline", appauthor=False)
