"""Who is let in, and what they see: the policy, asked about real people and channels."""

from __future__ import annotations

from bot.slack.people import Directory
from bot.slack.policy import Policy, Spot
from bot.slack.workspace import Workspace
from index.scope import Slice


class Gate:
    """Asks Slack who somebody is, and the policy what follows from it."""

    def __init__(self, policy: Policy, directory: Directory) -> None:
        self._policy = policy
        self._directory = directory

    def spot(self, workspace: Workspace, channel: str, *, is_shared: bool | None = None) -> Spot:
        """What a channel is; `is_shared` as the event told it, None where it does not tell.

        Raises:
            SlackUnreachable: If Slack does not tell.
        """
        return self._directory.spot(workspace, channel, is_shared=is_shared)

    def private_spot(self, workspace: Workspace, channel: str) -> Spot:
        """What a channel is where only one user sees what is answered.

        So it may be a channel that the bot is not in, of which Slack tells it nothing.

        Raises:
            SlackUnreachable: If Slack does not tell.
        """
        return self._directory.spot(workspace, channel, if_unknown=False)

    def admits(
        self, workspace: Workspace, user: str, spot: Spot, *, team: str | None = None
    ) -> bool:
        """Whether a user may ask somewhere; `team` is the user's own, as the event told it.

        Raises:
            SlackUnreachable: If Slack does not tell who the user is.
        """
        return self._policy.may_ask(self._directory.asker(workspace, user, team), spot)

    def may_share(self, spot: Spot) -> bool:
        """Whether an answer may be shown to everybody in a place."""
        return self._policy.may_share(spot)

    def slices(self, spot: Spot) -> tuple[Slice, ...]:
        """What a place sees of the archive; empty means all of it."""
        return self._policy.slices(spot)
