"""The Bolt app: checks what arrives, and hands it to `Reception` by the table of routes."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_bolt.response import BoltResponse

from bot.slack.arrival import Arrival
from bot.slack.metrics import Metrics
from bot.slack.reception import Reception
from bot.slack.routes import ROUTES, Route, RouteKind
from bot.slack.workspace import WorkspaceFinder, build_client
from bot.slack.workspaces import WorkspaceAuthorize

logger = logging.getLogger(__name__)


def build_app(
    reception: Reception,
    find_workspace: WorkspaceFinder,
    metrics: Metrics,
    *,
    api_url: str,
    signing_secret: str | None = None,
    oauth: OAuthSettings | None = None,
) -> App:
    """The app with every route; `signing_secret` is needed over HTTP only."""
    app = App(
        name="dateline",
        logger=logger,
        client=build_client(None, api_url),
        # Bolt takes its own class too, which its type forgets.
        authorize=WorkspaceAuthorize(find_workspace),  # type: ignore[arg-type]
        signing_secret=signing_secret or "",
        oauth_settings=oauth,
        # A request is acknowledged once it is written down, so that a kill loses nothing.
        process_before_response=True,
        raise_error_for_unhandled_request=True,
    )
    for route in ROUTES:
        _register(app, route, _listen(route, reception, metrics))
    # Buttons that are links, and whatever an older version of the app has left in a channel.
    app.action(re.compile(""))(_listen(_LINK, reception, metrics))
    app.error(_on_error)
    if oauth is not None:
        app.enable_token_revocation_listeners()
    return app


_LINK = Route(RouteKind.ACTION, "", Reception.follow_link)


def _register(app: App, route: Route, listener: Callable[..., None]) -> None:
    match route.kind:
        case RouteKind.EVENT:
            app.event(route.name)(listener)
        case RouteKind.COMMAND:
            app.command(route.name)(listener)
        case RouteKind.SHORTCUT:
            app.shortcut(route.name)(listener)
        case RouteKind.ACTION:
            # Some carry a number after their name, so that a block may hold several.
            app.action(re.compile(rf"^{re.escape(route.name)}(\.\d+)?$"))(listener)
        case RouteKind.VIEW:
            app.view(route.name)(listener)


def _listen(route: Route, reception: Reception, metrics: Metrics) -> Callable[..., None]:
    def listen(body: dict[str, Any], context: BoltContext, ack: Ack) -> None:
        started = time.perf_counter()
        arrival = Arrival(
            body=body,
            bot_user=context.bot_user_id or "",
            team=context.team_id or "",
            enterprise=context.enterprise_id,
        )
        try:
            route.take(reception, arrival)
        except ValueError:
            # Not of our making, such as a button's value from elsewhere: trying again is no use.
            logger.warning("a request was not understood kind=%s", route.name, exc_info=True)
        ack()
        metrics.time_ack(time.perf_counter() - started)

    return listen


def _on_error(error: Exception, context: BoltContext) -> BoltResponse:
    if isinstance(error, BoltUnhandledRequestError):
        # An event that was subscribed to by hand: taking it spares Slack its retries.
        return BoltResponse(status=200, body="")
    # Slack tries again: what could not be written down is not lost.
    logger.error("a request failed team=%s", context.team_id, exc_info=error)
    return BoltResponse(status=500, body="")
