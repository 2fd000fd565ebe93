"""Who asks and where, looked up in Slack and remembered for a while."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from bot.slack.policy import Asker, Spot
from bot.slack.workspace import Person, SlackRefused, Workspace

_KEPT_SECONDS = 600.0
_MOST_KEPT = 10_000
_Value = TypeVar("_Value")

logger = logging.getLogger(__name__)


class Directory:
    """Tells who users are and which channels are shared. May be used from any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._people = _Cache[Person](clock)
        self._shared = _Cache[bool](clock)

    def asker(self, workspace: Workspace, user: str, team: str | None = None) -> Asker:
        """Who a user is; someone Slack does not describe counts as a guest.

        Raises:
            SlackUnreachable: If Slack does not tell.
        """
        try:
            person = self._people.get((workspace.team, user), lambda: workspace.person(user))
        except SlackRefused as error:
            logger.warning("cannot tell who asks: %s", error)
            return Asker(user, team, is_guest=True)
        return Asker(user, person.team or team, person.is_guest)

    def spot(
        self,
        workspace: Workspace,
        channel: str,
        *,
        is_shared: bool | None = None,
        if_unknown: bool = True,
    ) -> Spot:
        """What a channel is.

        Args:
            workspace: Where the app is installed.
            channel: The channel's id.
            is_shared: What the event told of it; None where it does not tell.
            if_unknown: What a channel counts as that Slack does not describe, because the bot is
                not in it: shared, where everybody there would see something.

        Raises:
            SlackUnreachable: If Slack does not tell.
        """
        is_direct = channel.startswith("D")
        if is_shared is None:
            is_shared = False if is_direct else self._ask_shared(workspace, channel, if_unknown)
        return Spot(workspace.team, channel, is_direct, is_shared)

    def _ask_shared(self, workspace: Workspace, channel: str, if_unknown: bool) -> bool:
        try:
            return self._shared.get(channel, lambda: workspace.is_shared(channel))
        except SlackRefused as error:
            logger.info("cannot tell whether a channel is shared: %s", error)
            return if_unknown


class _Cache(Generic[_Value]):
    """Remembers values for `_KEPT_SECONDS`, the newest `_MOST_KEPT` of them."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[Hashable, tuple[float, _Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, look_up: Callable[[], _Value]) -> _Value:
        """The value of a key, looked up if it is not remembered."""
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and self._clock() - kept[0] < _KEPT_SECONDS:
            return kept[1]
        value = look_up()
        with self._lock:
            self._kept[key] = (self._clock(), value)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return value
