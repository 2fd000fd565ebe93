"""The facts of Slack's manifest schema, version 2, that an app such as ours can meet.

Fields, lengths and counts were read from github.com/slackapi/manifest-schema (MIT) in 2026 and are
written down here in a form of our own. Whatever is not named is refused, so that a field we begin
to use must be looked up first.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft7Validator

Schema = dict[str, Any]


def _object(required: tuple[str, ...] = (), **fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _text(most: int, least: int = 1, pattern: str | None = None) -> Schema:
    known: Schema = {"type": "string", "minLength": least, "maxLength": most}
    return {**known, "pattern": pattern} if pattern else known


def _list(items: Schema, most: int, least: int = 0, *, unique: bool = False) -> Schema:
    known: Schema = {"type": "array", "items": items, "minItems": least, "maxItems": most}
    return {**known, "uniqueItems": unique}


_YES_NO: Schema = {"type": "boolean"}
_WHOLE: Schema = {"type": "integer"}
_PROMPT = _object(("title", "message"), title=_text(3_000, 0), message=_text(3_000, 0))
_SHORTCUT = _object(
    ("name", "type", "callback_id", "description"),
    name=_text(24),
    type={"enum": ["message", "global"]},
    callback_id=_text(255),
    description=_text(150),
)
_COMMAND = _object(
    ("command", "description"),
    command=_text(32, 2, "^/"),
    url=_text(3_000, pattern="^https?://"),
    description=_text(2_000),
    usage_hint=_text(1_000),
    should_escape=_YES_NO,
)
_REQUEST_URL = _text(3_500, pattern="^https?://")
SCHEMA: Schema = _object(
    ("display_information",),
    _metadata=_object(major_version=_WHOLE, minor_version=_WHOLE),
    display_information=_object(
        ("name",),
        name=_text(35),
        description=_text(140),
        long_description=_text(4_000, 175),
        background_color=_text(7, 4, "^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$"),
    ),
    features=_object(
        app_home=_object(
            home_tab_enabled=_YES_NO,
            messages_tab_enabled=_YES_NO,
            messages_tab_read_only_enabled=_YES_NO,
        ),
        bot_user=_object(("display_name",), display_name=_text(80), always_online=_YES_NO),
        shortcuts=_list(_SHORTCUT, 10, 1),
        slash_commands=_list(_COMMAND, 50, 1),
        agent_view=_object(agent_description=_text(300, 0), suggested_prompts=_list(_PROMPT, 4)),
    ),
    oauth_config=_object(
        redirect_urls=_list(_text(2_500, 0), 1_000, unique=True),
        scopes=_object(
            bot=_list(_text(50, 0), 255),
            bot_optional=_list(_text(50, 0), 255),
            user=_list(_text(50, 0), 255),
        ),
    ),
    settings=_object(
        event_subscriptions=_object(
            request_url=_REQUEST_URL,
            bot_events=_list(_text(50, 0), 100, unique=True),
            user_events=_list(_text(50, 0), 100, unique=True),
        ),
        interactivity=_object(("is_enabled",), is_enabled=_YES_NO, request_url=_REQUEST_URL),
        org_deploy_enabled=_YES_NO,
        socket_mode_enabled=_YES_NO,
        token_rotation_enabled=_YES_NO,
    ),
)

# Of the scopes and events that Slack knows, those that a bot which reads and answers may have.
_SCOPES = frozenset(
    {
        f"{kind}:{right}"
        for kind in ("channels", "groups", "im", "mpim")
        for right in ("history", "read", "write", "join")
    }
    | {
        "app_mentions:read",
        "assistant:write",
        "chat:write",
        "chat:write.public",
        "commands",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
        "users:read.email",
    }
)
_EVENTS = frozenset(
    {
        "app_home_opened",
        "app_mention",
        "app_uninstalled",
        "member_joined_channel",
        "message.channels",
        "message.groups",
        "message.im",
        "message.mpim",
        "tokens_revoked",
        "assistant_thread_started",
        "assistant_thread_context_changed",
        "app_context_changed",
    }
)


def find_manifest_faults(manifest: Any) -> list[str]:
    """What Slack would not take, each with its place; names that do not exist among them."""
    found = Draft7Validator(SCHEMA).iter_errors(manifest)
    faults = [f"{error.json_path}: {error.message}" for error in found]
    if faults:
        return faults
    scopes = manifest.get("oauth_config", {}).get("scopes", {}).get("bot", [])
    settings = manifest.get("settings", {})
    events = settings.get("event_subscriptions", {}).get("bot_events", [])
    faults += [f"no scope {one}" for one in scopes if one not in _SCOPES]
    faults += [f"no event {one}" for one in events if one not in _EVENTS]
    if events and not settings.get("socket_mode_enabled"):
        # Without Socket Mode, events and presses need an address to go to.
        if "request_url" not in settings["event_subscriptions"]:
            faults.append("events have no request_url")
        if settings.get("interactivity", {}).get("is_enabled") and (
            "request_url" not in settings["interactivity"]
        ):
            faults.append("interactivity has no request_url")
    return faults
