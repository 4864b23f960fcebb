"""The call's state as a path. Twilio signs the whole address, so any process on any host can trust it and answer.

A query string would do the same, but carriers have been seen to re-order queries after signing.
"""

from __future__ import annotations

from ivr.call_flow.turn import CallState, Pace

SHOWN, WITHHELD = "shown", "withheld"
SEGMENTS = 11


class UnreadableLink(ValueError):
    """The path is not one of ours, or of a release whose paths we no longer read."""


def write_state(version: str, state: CallState) -> str:
    """The state as path segments, without a leading slash: version, line, place, counters, language, pace."""
    caller = WITHHELD if state.withheld else SHOWN
    return (
        f"{version}/{state.line}/{state.place}/{state.part}/{state.hop}/{state.silences}/{state.wrong_keys}"
        f"/{state.language}/{state.pace.value}/{state.rung_seconds}/{caller}"
    )


def read_state(segments: list[str]) -> tuple[str, CallState]:
    """The routing version and state that `write_state` wrote. Raises UnreadableLink."""
    try:
        version, line, place, part, hop, silences, wrong, language, pace, rung, caller = segments
        return version, CallState(
            line=line,
            place=place,
            part=_count(part),
            hop=_count(hop),
            silences=_count(silences),
            wrong_keys=_count(wrong),
            language=language,
            pace=Pace(pace),
            rung_seconds=_count(rung),
            withheld=caller == WITHHELD,
        )
    except ValueError as error:
        raise UnreadableLink from error


def _count(text: str) -> int:
    """A small counter. Only plain digits: int() alone would take '²', '1_0' or 5,000 digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UnreadableLink
    return int(text)
