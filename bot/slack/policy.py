"""Who may ask in Slack, and what each place sees of the archive. Read from one TOML file.

What a channel sees is what its whole membership may see, so it hangs on the channel and never on
who asks there.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from index.errors import UsageError
from index.scope import Slice, outlet_key

_SETTING = "DATELINE_SLACK_POLICY"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[CGD][A-Z0-9]+$")]


class _Seen(_Part):
    outlets: tuple[Name, ...] = ()
    sections: tuple[Name, ...] = ()
    collections: tuple[Name, ...] = ()


class _Collection(_Part):
    outlets: tuple[Name, ...] = ()
    sections: tuple[Name, ...] = ()


class _Asking(_Part):
    workspaces: tuple[Annotated[str, StringConstraints(pattern=r"^[TE][A-Z0-9]+$")], ...] = ()
    channels: tuple[ChannelId, ...] | None = None
    users: tuple[Annotated[str, StringConstraints(pattern=r"^[UW][A-Z0-9]+$")], ...] | None = None
    guests: bool = False
    shared_channels: bool = False
    direct_messages: bool = True


class _Channel(_Seen):
    guests: bool | None = None
    shared: bool | None = None
    corrections: bool = False


class _File(_Part):
    ask: _Asking = _Asking()
    sees: _Seen = _Seen()
    direct: _Seen | None = None
    channels: dict[ChannelId, _Channel] = Field(default_factory=dict)
    collections: dict[str, _Collection] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as far as Slack tells."""

    user: str
    team: str | None
    """The user's own workspace; None if it is not known."""
    is_guest: bool


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something is asked."""

    team: str
    """The workspace that the app is installed in."""
    channel: str
    is_direct: bool
    is_shared: bool
    """Shared with another company."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who may ask, and what each place sees; without a file, members ask and see everything."""

    file: _File = field(default_factory=_File)

    def may_ask(self, asker: Asker, spot: Spot) -> bool:
        """Whether a question is answered at all."""
        ask, channel = self.file.ask, self.file.channels.get(spot.channel)
        guests = _either(channel.guests if channel else None, ask.guests)
        shared = _either(channel.shared if channel else None, ask.shared_channels)
        is_stranger = asker.team not in {None, spot.team, *ask.workspaces}
        return (
            (ask.users is None or asker.user in ask.users)
            and (guests or not asker.is_guest)
            and (shared or not spot.is_shared)
            # People of another company are in a shared channel only; elsewhere they are no members.
            and (not is_stranger or (spot.is_shared and shared))
            and self._is_place(spot)
        )

    def _is_place(self, spot: Spot) -> bool:
        ask = self.file.ask
        if spot.is_direct:
            return ask.direct_messages
        named = spot.channel in self.file.channels
        return ask.channels is None or spot.channel in ask.channels or named

    def may_share(self, spot: Spot) -> bool:
        """Whether an answer may be shown to everybody in a place."""
        channel = self.file.channels.get(spot.channel)
        shared = _either(channel.shared if channel else None, self.file.ask.shared_channels)
        return (shared or not spot.is_shared) and self._is_place(spot)

    def slices(self, spot: Spot) -> tuple[Slice, ...]:
        """What a place sees of the archive; empty means all of it."""
        seen: _Seen | None = self.file.channels.get(spot.channel)
        if spot.is_direct:
            seen = self.file.direct
        if seen is None or not _limits(seen):
            seen = self.file.sees
        return self._resolve(seen)

    def wants_corrections(self, channel: str) -> bool:
        """Whether a channel is told when an article that it was shown changes."""
        kept = self.file.channels.get(channel)
        return bool(kept and kept.corrections)

    @property
    def correcting_channels(self) -> frozenset[str]:
        """The channels that are told of corrections."""
        return frozenset(name for name, one in self.file.channels.items() if one.corrections)

    def _resolve(self, seen: _Seen) -> tuple[Slice, ...]:
        parts = [self.file.collections[name] for name in seen.collections]
        own = [_Collection(outlets=seen.outlets, sections=seen.sections)] if _own(seen) else []
        return tuple(_slice(part.outlets, part.sections) for part in (*own, *parts))

    @classmethod
    def load(cls, path: Path | None) -> Policy:
        """Read a policy file; without one everything is at its default.

        Raises:
            UsageError: If the file cannot be read or says something that is not understood.
        """
        return cls() if path is None else cls.parse(_read(path), str(path))

    @classmethod
    def parse(cls, text: str, name: str = "the policy") -> Policy:
        """Read a policy's text; `name` stands for it in errors.

        Raises:
            UsageError: If it says something that is not understood.
        """
        try:
            policy = cls(_File.model_validate(tomllib.loads(text)))
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{name} is not TOML ({error}). See docs/slack.md.") from error
        except ValidationError as error:
            raise UsageError(f"{name}: {_explain(error)} See docs/slack.md.") from error
        policy._check_collections(name)
        return policy

    def _check_collections(self, name: str) -> None:
        seen = [self.file.sees, *self.file.channels.values(), *filter(None, [self.file.direct])]
        used = {one for part in seen for one in part.collections}
        if unknown := sorted(used - self.file.collections.keys()):
            raise UsageError(
                f"{name} names the collection {unknown[0]!r}, which it does not define. "
                f"Add [collections.{unknown[0]}]."
            )
        empty = [key for key, one in self.file.collections.items() if not _own(one)]
        if empty:
            # An empty one would mean everything: too much to grant by an oversight.
            raise UsageError(
                f"{name}: the collection {empty[0]!r} names no outlet and no section. Fill it."
            )


def _own(seen: _Seen | _Collection) -> bool:
    return bool(seen.outlets or seen.sections)


def _limits(seen: _Seen) -> bool:
    return _own(seen) or bool(seen.collections)


def _slice(outlets: Iterable[str], sections: Iterable[str]) -> Slice:
    return Slice(frozenset(map(outlet_key, outlets)), frozenset(sections))


def _either(own: bool | None, general: bool) -> bool:
    return general if own is None else own


def _read(path: Path) -> str:
    try:
        return path.expanduser().read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"{_SETTING}={path}: cannot be read ({reason}).") from error


def _explain(error: ValidationError) -> str:
    first: Mapping[str, object] = dict(error.errors()[0])
    location = first["loc"]
    where = ".".join(map(str, location)) if isinstance(location, tuple) else str(location)
    return f"{where}: {first['msg']}."
