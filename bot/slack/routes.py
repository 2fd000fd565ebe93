"""Which method takes which request, and what Slack must be told for it to arrive.

The manifest is made from this table, so the app that is installed and the app that runs agree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.slack.arrival import Arrival
from bot.slack.reception import Reception
from bot.slack.view import ids

COMMAND = "/dateline"
CHECK_TITLE = "Check this"


class RouteKind(StrEnum):
    """What kind of request is taken."""

    EVENT = "event"
    COMMAND = "command"
    SHORTCUT = "shortcut"
    ACTION = "action"
    VIEW = "view"


@dataclass(frozen=True, slots=True)
class Route:
    """One kind of request, and who takes it."""

    kind: RouteKind
    name: str
    """Of the event, command or callback; of an action, how its id begins."""
    take: Callable[[Reception, Arrival], None]
    events: tuple[str, ...] = ()
    """Names under which the manifest subscribes to it."""
    scopes: tuple[str, ...] = ()
    """Bot scopes without which it does not arrive."""


ROUTES = (
    Route(
        RouteKind.EVENT, "app_mention", Reception.take_message,
        events=("app_mention",), scopes=("app_mentions:read",),
    ),
    Route(
        RouteKind.EVENT, "message", Reception.take_message,
        events=("message.channels", "message.groups", "message.im", "message.mpim"),
        scopes=("channels:history", "groups:history", "im:history", "mpim:history"),
    ),
    Route(
        RouteKind.EVENT, "app_home_opened", Reception.open_app, events=("app_home_opened",)
    ),
    Route(RouteKind.COMMAND, COMMAND, Reception.take_command, scopes=("commands",)),
    Route(
        RouteKind.SHORTCUT, ids.CHECK_SHORTCUT, Reception.check_message, scopes=("commands",)
    ),
    Route(RouteKind.ACTION, ids.SHOW_QUOTES, Reception.show_quotes),
    Route(RouteKind.ACTION, ids.QUOTES_PAGE, Reception.turn_page),
    Route(RouteKind.ACTION, ids.SHARE, Reception.share),
    Route(RouteKind.ACTION, ids.FEEDBACK, Reception.press_thumb),
    Route(RouteKind.ACTION, ids.ASK_EXAMPLE, Reception.ask_example),
    Route(RouteKind.VIEW, ids.FEEDBACK_MODAL, Reception.take_reason),
)  # fmt: skip

METHOD_SCOPES = {
    "assistant.threads.setStatus": ("chat:write",),
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "chat.postMessage": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.update": ("chat:write",),
    "chat.startStream": ("chat:write",),
    "chat.appendStream": ("chat:write",),
    "chat.stopStream": ("chat:write",),
    # A slash command does not tell whether its channel is shared with another company.
    "conversations.info": ("channels:read", "groups:read", "mpim:read"),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    # Whether the asker is a guest.
    "users.info": ("users:read",),
    "views.open": (),
    "views.publish": (),
    "views.update": (),
}
"""The Web API methods that `bot.slack.workspace` calls, and the bot scopes that each needs."""


def bot_scopes() -> tuple[str, ...]:
    """Every bot scope that the app needs, and no other."""
    of_routes = {scope for route in ROUTES for scope in route.scopes}
    of_methods = {scope for scopes in METHOD_SCOPES.values() for scope in scopes}
    return tuple(sorted(of_routes | of_methods))


def bot_events() -> tuple[str, ...]:
    """Every event that the app subscribes to."""
    return tuple(sorted({event for route in ROUTES for event in route.events}))
