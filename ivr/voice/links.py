"""The call's state as a path. Twilio signs the whole address, so any process on any host can trust it and answer.

A query string would do the same, but carriers have been seen to re-order queries after signing.
"""

from __future__ import annotations

from ivr.call_flow.turn import CallState, Pace

SHOWN, WITHHELD, TEXTABLE, GUIDE_FULL = "shown", "withheld", "textable", "textable-guide-full"
SEGMENTS = 11


class UnreadableLink(ValueError):
    """The path is not one of ours, or of a release whose paths we no longer read."""


def write_state(version: str, state: CallState) -> str:
    """The state as path segments, without a leading slash: the hop, then what is the same for many calls."""
    return (
        f"{state.hop}/{version}/{state.line}/{state.place}/{state.part}/{state.silences}/{state.wrong_keys}"
        f"/{state.language}/{state.pace.value}/{state.rung_seconds}/{_caller(state)}"
    )


def read_state(segments: list[str]) -> tuple[str, CallState]:
    """The routing version and state that `write_state` wrote. Raises UnreadableLink."""
    try:
        hop, version, line, place, part, silences, wrong, language, pace, rung, caller = segments
        return version, CallState(
            line=line,
            place=place,
            part=read_count(part),
            hop=read_count(hop),
            silences=read_count(silences),
            wrong_keys=read_count(wrong),
            language=language,
            pace=Pace(pace),
            rung_seconds=read_count(rung),
            withheld=caller == WITHHELD,
            textable=caller in (TEXTABLE, GUIDE_FULL),
            guide_full=caller == GUIDE_FULL,
        )
    except ValueError as error:
        raise UnreadableLink from error


def _caller(state: CallState) -> str:
    if state.withheld:
        return WITHHELD
    if not state.textable:
        return SHOWN
    return GUIDE_FULL if state.guide_full else TEXTABLE


def read_count(text: str) -> int:
    """A small counter. Raises UnreadableLink. Only plain digits: int() alone would take '²', '1_0' or 5,000 digits."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise UnreadableLink
    return int(text)
