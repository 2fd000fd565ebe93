"""Commands that other rooms mount under `dateline`, listed without being imported.

A room names a typer app as an entry point of the group `dateline.commands`; the first line of its
module's docstring is what `dateline --help` says of it.
"""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup
from typer.main import get_group

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_GROUP = "dateline.commands"


class MountedGroup(TyperGroup):
    """A group that adds the mounted commands to its own."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Own commands in order, then mounted ones by name."""
        own = super().list_commands(ctx)
        return own + sorted(_entry_points().keys() - set(own))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name; finding a mounted one imports nothing of it."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        entry_point = _entry_points().get(cmd_name)
        return _Mounted(entry_point) if entry_point else None


class _Mounted(TyperGroup):
    """Stands for a mounted command until it is called."""

    def __init__(self, entry_point: EntryPoint) -> None:
        super().__init__(name=entry_point.name, help=_summary(entry_point.module))
        self._entry_point = entry_point

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """The context of the real command, which carries out what follows."""
        real = get_group(self._entry_point.load())
        real.name = self._entry_point.name
        return real.make_context(*args, **extra)


def _entry_points() -> dict[str, EntryPoint]:
    # Reading every installed distribution takes 30 ms, which a plain `ask` need not spend.
    from importlib.metadata import entry_points

    return {one.name: one for one in entry_points(group=_GROUP)}


def _summary(module: str) -> str | None:
    """The first line of a module's docstring, read from its file."""
    room, *rest = module.split(".")
    spec = importlib.util.find_spec(room)
    for folder in spec.submodule_search_locations or () if spec else ():
        place = Path(folder, *rest)
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                docstring = ast.get_docstring(ast.parse(file.read_bytes()))
                return docstring.partition("\n")[0] if docstring else None
    return None
