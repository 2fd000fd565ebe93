"""The workspaces that the app is installed in: one by its token, or several by OAuth."""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, Protocol

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.context import BoltContext

from bot.slack.workspace import SlackRefused, Workspace, WorkspaceFinder, build_client

_KEPT_SECONDS = 60.0

logger = logging.getLogger(__name__)


class Installed(Protocol):
    """One installation, as the SDK's store keeps it."""

    bot_token: str
    bot_user_id: str
    bot_id: str


class InstallationReader(Protocol):
    """What finding a workspace needs of the SDK's installation store."""

    def find_bot(
        self, *, enterprise_id: str | None, team_id: str | None, is_enterprise_install: bool | None
    ) -> Any:
        """The installation of a workspace, or None."""
        ...


class SingleWorkspace:
    """The one workspace that a token belongs to, entered when it is first needed."""

    def __init__(self, token: str, api_url: str) -> None:
        self._client = build_client(token, api_url)
        self._lock = threading.Lock()
        self._entered: Workspace | None = None

    def __call__(self, team: str, enterprise: str | None) -> Workspace:  # noqa: ARG002  only one
        """The workspace.

        Raises:
            SlackRefused: If the token is not valid.
            SlackUnreachable: If Slack does not answer.
        """
        with self._lock:
            if self._entered is None:
                self._entered = Workspace.enter(self._client)
            return self._entered


class InstalledWorkspaces:
    """The workspaces that were installed by OAuth. May be used from any thread."""

    def __init__(self, store: InstallationReader, api_url: str) -> None:
        self._store = store
        self._api_url = api_url
        self._kept: dict[tuple[str | None, str], tuple[float, Workspace]] = {}
        self._lock = threading.Lock()

    def __call__(self, team: str, enterprise: str | None) -> Workspace:
        """The workspace of a team.

        Raises:
            SlackRefused: If the app is not, or no longer, installed there.
        """
        key = (enterprise, team)
        with self._lock:
            kept = self._kept.get(key)
        if kept and time.monotonic() - kept[0] < _KEPT_SECONDS:
            return kept[1]
        found = self._store.find_bot(
            enterprise_id=enterprise, team_id=team, is_enterprise_install=False
        )
        if found is None or not found.bot_token:
            raise SlackRefused("installation", "not_installed")
        workspace = Workspace(
            build_client(found.bot_token, self._api_url),
            bot_user=found.bot_user_id,
            bot=found.bot_id,
            team=team,
        )
        with self._lock:
            self._kept[key] = (time.monotonic(), workspace)
        return workspace


class WorkspaceAuthorize(Authorize):
    """Tells Bolt which bot a request is for, without asking Slack each time."""

    def __init__(self, find_workspace: WorkspaceFinder) -> None:
        self._find_workspace = find_workspace

    def __call__(
        self,
        *,
        context: BoltContext,  # noqa: ARG002  Bolt names them all
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None,
        **_: Any,
    ) -> AuthorizeResult | None:
        """The bot of a workspace; None where the app is not installed."""
        try:
            workspace = self._find_workspace(team_id or "", enterprise_id)
        except SlackRefused as error:
            logger.warning("a request for a workspace that is not ours: %s", error)
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=workspace.team,
            bot_user_id=workspace.bot_user,
            bot_id=workspace.bot,
            user_id=user_id,
        )
