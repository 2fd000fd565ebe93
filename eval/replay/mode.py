"""What happens to a request that is sent to a model's server."""

from __future__ import annotations

from enum import StrEnum


class ReplayMode(StrEnum):
    """How recordings are used."""

    OFF = "off"
    """Requests go to the network."""
    RECORD = "record"
    """What is recorded is given back; what is not goes to the network, and is recorded."""
    STRICT = "strict"
    """What is recorded is given back; what is not fails. The network is never touched."""
