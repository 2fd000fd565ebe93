"""What can go wrong that a user can mend.

DatelineError
├── UsageError            the command was called wrongly: bad option, bad date, unreadable file
├── LibraryError          the library is missing, busy, foreign or damaged
│   ├── LibraryMissing
│   ├── LibraryBusy
│   ├── LibraryUnreachable   its server does not answer; trying again later may help
│   └── ModelMismatch
├── SourceError           one article or file could not be read; the run goes on
├── ModelError            an embedded or remote model could not be loaded or called
└── SlackError            Slack refused the bot, or cannot be reached

A message says what, which input, and which command helps.
"""


class DatelineError(Exception):
    """The base of every error that a user can mend; its text is shown to them as it stands."""


class UsageError(DatelineError):
    """The command or a setting was given something that it cannot work with."""


class LibraryError(DatelineError):
    """The library cannot be used as it is."""


class LibraryMissing(LibraryError):
    """There is no library at the place that was named, or it holds no article."""


class LibraryBusy(LibraryError):
    """Another process is writing to the library."""


class LibraryUnreachable(LibraryError):
    """A server that keeps the library does not answer, or went away in the middle."""


class ModelMismatch(LibraryError):
    """The library was made with another embedding model than the one in use."""


class SourceError(DatelineError):
    """One source (a file, a record, a page) could not be turned into an article."""


class ModelError(DatelineError):
    """A model's files are missing or altered, or its server failed."""


class SlackError(DatelineError):
    """Slack refused the bot, or cannot be reached."""
