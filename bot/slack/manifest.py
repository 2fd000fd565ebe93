"""The app's manifest: what Slack is told of the app when it is created, made from its routes."""

from __future__ import annotations

from typing import Any

from bot.slack.routes import CHECK_TITLE, COMMAND, ROUTES, RouteKind, bot_events, bot_scopes
from bot.slack.settings import Mode

EVENTS_PATH = "/slack/events"
INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
_OAUTH_EVENTS = ("app_uninstalled", "tokens_revoked")
_ABOUT = "Answers questions from a news archive; every sentence is cited to a quote."
_AGENT = (
    "Ask about the archive's stories. Dateline quotes dated articles, shows where sources "
    "disagree, and says so when the archive does not tell."
)


def build_manifest(
    mode: Mode, *, name: str = "Dateline", address: str | None = None, oauth: bool = False
) -> dict[str, Any]:
    """The manifest of an app.

    Args:
        mode: How events arrive.
        name: What the bot is called, 35 characters at most.
        address: The public address of HTTP mode, such as `https://bot.example`.
        oauth: Whether several workspaces install the app.
    """
    url = f"{(address or 'https://YOUR-ADDRESS').rstrip('/')}{EVENTS_PATH}"
    is_http = mode is Mode.HTTP
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": name,
            "description": _ABOUT,
            "background_color": "#1d2b3a",
        },
        "features": {
            "agent_view": {"agent_description": _AGENT},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": name, "always_online": False},
            "shortcuts": [
                {
                    "name": CHECK_TITLE,
                    "type": "message",
                    "callback_id": route.name,
                    "description": "Check what a message says against the archive",
                }
                for route in ROUTES
                if route.kind is RouteKind.SHORTCUT
            ],
            "slash_commands": [
                {
                    "command": COMMAND,
                    "description": "Ask the news archive, for your eyes only",
                    "usage_hint": "who led the delegation?",
                    "should_escape": False,
                    **({"url": url} if is_http else {}),
                }
            ],
        },
        "oauth_config": {
            "scopes": {"bot": list(bot_scopes())},
            **(
                {"redirect_urls": [url.replace(EVENTS_PATH, REDIRECT_PATH)]}
                if oauth and is_http
                else {}
            ),
        },
        "settings": {
            "event_subscriptions": {
                **({"request_url": url} if is_http else {}),
                "bot_events": sorted((*bot_events(), *(_OAUTH_EVENTS if oauth else ()))),
            },
            "interactivity": {"is_enabled": True, **({"request_url": url} if is_http else {})},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not is_http,
            "token_rotation_enabled": False,
        },
    }
