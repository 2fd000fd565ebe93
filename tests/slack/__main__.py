"""Run a loopback Slack and drive it by hand.

    python -m tests.slack                          # a bot in Socket Mode, or --http URL
    eval "$(python -m tests.slack env)"            # in another shell: the bot's settings
    dateline slack run

Then type: `ask who led the Russian delegation?`, `help` for the rest. The lines may come from a
file as well: `python -m tests.slack < session.txt`.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable

from tests.slack.payloads import objects
from tests.slack.server import LoopbackSlack
from tests.slack.state import Message

HELP = """\
ask QUESTION            mention the bot in #desk
say TEXT                write into the thread of the last question, without a mention
dm TEXT                 write to the bot in private
edit TEXT               change the last question
delete                  delete the last question
slash TEXT              /dateline TEXT
open [messages|home]    open the bot's conversation or its home tab
press ACTION [VALUE]    press a button under the bot's last message: press dateline.show_quotes
check                   the message shortcut "Check this" on the last question
as NAME                 go on as ada, ben, cleo or gus (a guest)
show                    everything in the thread, with what only you see
view                    the modal or home tab that was opened last
calls                   the Web API's calls, counted
refresh | sever         have the bot's websocket reconnect; cut it
wait SECONDS            let the bot work
quit"""
PORT = 8155
_PARAGRAPHS = {"rich_text_section", "rich_text_quote"}


class Desk:
    """One person at one desk."""

    def __init__(self, slack: LoopbackSlack, write: Callable[[str], None]) -> None:
        self.slack = slack
        self.write = write
        self.me = slack.ada
        self.last: Message | None = None
        self._seen: dict[str, str] = {}

    def obey(self, line: str) -> bool:
        """Carry out one line; False at the end."""
        word, _, rest = line.strip().partition(" ")
        if word in {"quit", "exit"}:
            return False
        if word:
            try:
                getattr(self, f"do_{word}", self._unknown)(rest.strip())
            except (LookupError, TimeoutError, ValueError) as error:
                self.write(f"! {error}")
        return True

    def watch(self) -> None:
        """Write whatever the bot has written since."""
        with self.slack.state.lock:
            messages = sorted(self.slack.state.messages.values(), key=lambda one: one.ts)
            for one in messages:
                shown = render_text(one)
                if one.bot_id and self._seen.get(one.ts) != shown:
                    self._seen[one.ts] = shown
                    self.write(f"{'~' if one.stream == 'open' else '<'} {shown}")

    def do_help(self, _: str) -> None:
        self.write(HELP)

    def do_ask(self, text: str) -> None:
        self.last = self.slack.ask(self.me, text)

    def do_say(self, text: str) -> None:
        root = self._question()
        self.slack.say(self.me, text, channel=root.channel, thread_ts=root.thread_ts or root.ts)

    def do_dm(self, text: str) -> None:
        self.last = self.slack.say(self.me, text, channel=self.slack.dm(self.me))

    def do_edit(self, text: str) -> None:
        self.slack.edit(self._question(), f"<@{self.slack.bot}> {text}")

    def do_delete(self, _: str) -> None:
        self.slack.delete(self._question())

    def do_slash(self, text: str) -> None:
        self._tell_ack(self.slack.command(self.me, text))

    def do_open(self, tab: str) -> None:
        self.slack.open_app(self.me, tab or "messages")

    def do_press(self, rest: str) -> None:
        action, _, value = rest.partition(" ")
        mine = {None, self.me}
        with self.slack.state.lock:
            shown = [
                one
                for one in sorted(self.slack.state.messages.values(), key=lambda one: one.ts)
                if one.bot_id and one.blocks and not one.is_deleted and one.ephemeral_to in mine
            ]
        if not shown:
            raise LookupError("the bot has written nothing yet")
        self._tell_ack(self.slack.press(self.me, shown[-1], action, value or None))

    def do_check(self, _: str) -> None:
        self._tell_ack(self.slack.shortcut(self.me, self._question(), "dateline.check_message"))

    def do_as(self, name: str) -> None:
        known = {user.name: user.id for user in self.slack.state.users.values()}
        if name not in known:
            raise LookupError(f"nobody is called {name}; there are {', '.join(known)}")
        self.me = known[name]

    def do_show(self, _: str) -> None:
        messages = self.slack.thread(self._question()) + self.slack.ephemeral(self.me)
        for one in messages:
            who = self.slack.state.users[one.user].name
            only = " (only you)" if one.ephemeral_to else ""
            self.write(f"{one.ts} {who}{only}: {render_text(one)}")

    def do_view(self, _: str) -> None:
        view = self.slack.state.last_view
        self.write(render_blocks(view["blocks"]) if view else "nothing is open")

    def do_calls(self, _: str) -> None:
        counts: dict[str, int] = {}
        for call in list(self.slack.web.traffic.calls):
            name = call.method + (f" ({call.error})" if call.error else "")
            counts[name] = counts.get(name, 0) + 1
        self.write("\n".join(f"{count:>4} {name}" for name, count in sorted(counts.items())))

    def do_refresh(self, _: str) -> None:
        self.slack.courier.sockets.refresh()

    def do_sever(self, _: str) -> None:
        self.slack.courier.sockets.sever()

    def do_wait(self, seconds: str) -> None:
        self.slack.courier.wait_until_idle(float(seconds or 1))
        threading.Event().wait(float(seconds or 1))

    def _question(self) -> Message:
        if self.last is None:
            raise LookupError("nothing was asked yet")
        return self.last

    def _tell_ack(self, reply: dict[str, object] | None) -> None:
        self.write("! not acknowledged" if reply is None else "(acknowledged)")

    def _unknown(self, _: str) -> None:
        self.write("! there is no such command; try: help")


def render_text(message: Message) -> str:
    """A message as one reads it: its blocks, or its text where it has none."""
    streamed = f"{message.text}\n" if message.stream else ""
    return streamed + (render_blocks(message.blocks) if message.blocks else message.text)


def render_blocks(blocks: object) -> str:
    """The words of blocks, a line for each block, buttons in brackets."""
    lines: list[str] = []
    for block in blocks if isinstance(blocks, list) else []:
        words: list[str] = []
        for one in objects(block):
            if one.get("type") in {"button", "feedback_buttons"}:
                words.append(f" [{one['action_id']}] ")
            elif one.get("type") in _PARAGRAPHS:
                words.append("\n")
            elif isinstance(one.get("text"), str):
                words.append(one["text"])
        lines.append("".join(words).strip())
    return "\n".join(lines)


def _environment(slack: LoopbackSlack) -> str:
    return "\n".join(
        f"export {name}={value}"
        for name, value in {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "DATELINE_SLACK_API_URL": slack.api_url,
        }.items()
    )


def main() -> None:
    """Serve until the end of input, or `quit`."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=["run", "env"], default="run")
    parser.add_argument("--port", type=int, default=PORT, help=f"of the Web API; {PORT} if free")
    parser.add_argument("--http", action="append", default=[], help="deliver to this URL instead")
    options = parser.parse_args()
    with LoopbackSlack(port=0 if options.what == "env" else options.port) as slack:
        if options.what == "env":
            text = _environment(slack).replace(f":{slack.web.port}/", f":{options.port}/")
            sys.stdout.write(text + "\n")
            return
        slack.courier.http_urls = options.http
        sys.stdout.write(f"{_environment(slack)}\n# type: help\n")
        _converse(slack)


def _converse(slack: LoopbackSlack) -> None:
    lock = threading.Lock()

    def write(text: str) -> None:
        with lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    desk = Desk(slack, write)
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            desk.watch()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for line in sys.stdin:
            if not desk.obey(line):
                break
    except KeyboardInterrupt:
        pass
    finally:
        done.set()
        watcher.join()
        desk.watch()


if __name__ == "__main__":
    main()
