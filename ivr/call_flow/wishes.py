"""Facts about what callers ask for besides a person or words: a call back, a text, somebody on call."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CallbackRequested:
    destination: str


@dataclass(frozen=True, slots=True)
class GuideRequested:
    """After hearing what it means, the caller asked for one text with the guide's link."""

    guide: str


@dataclass(frozen=True, slots=True)
class GuideAddressHeard:
    guide: str


@dataclass(frozen=True, slots=True)
class TextAnnounced:
    """Before phones rang the caller was told that one text may follow if nobody answers."""

    place: str


@dataclass(frozen=True, slots=True)
class UrgentConfirmed:
    """The caller confirmed that it cannot wait. `on_call` is whose turn it is, "" when it is nobody's.

    `until` is when another's turn begins, in ISO 8601 and aware; None when that is far away.
    """

    place: str
    on_call: str
    until: str | None = None
