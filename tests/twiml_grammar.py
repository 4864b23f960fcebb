"""Which verbs, nestings and attributes the installed twilio package knows, read off its classes: nothing typed in.

Each method of a TwiML class that makes a child is called once with every parameter set; the child it makes tells its
own name, its attributes as they are written in XML, and whether it takes text.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twilio.twiml import TwiML
from twilio.twiml.voice_response import VoiceResponse

_MARK = "mark"


@dataclass(frozen=True, slots=True)
class Known:
    """One element as it may stand inside one parent; `speech` marks those where words and tags may mix."""

    name: str
    attributes: frozenset[str]
    takes_text: bool
    kind: Any

    @property
    def speech(self) -> bool:
        return str(self.kind.__name__).startswith(("Say", "Ssml"))

    @property
    def children(self) -> Mapping[str, Known]:
        return children_of(self.kind)


ROOT = Known("Response", frozenset(), False, VoiceResponse)


@functools.cache
def children_of(kind: Any) -> Mapping[str, Known]:
    """The elements the SDK can nest in one of its classes, by their XML names."""
    return {known.name: known for known in map(_made_by, _makers(kind))}


def _makers(kind: type[Any]) -> Iterator[Any]:
    for name, method in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_") and not hasattr(TwiML, name):
            yield functools.partial(method, _blank(kind))


def _blank(kind: type[Any]) -> Any:
    needed = [
        parameter.name
        for parameter in inspect.signature(kind).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD and parameter.default is parameter.empty
    ]
    return kind(**dict.fromkeys(needed, _MARK))


def _made_by(maker: functools.partial[Any]) -> Known:
    names = [
        parameter.name
        for parameter in inspect.signature(maker).parameters.values()
        if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
    ]
    child = maker(**dict.fromkeys(names, _MARK))
    return Known(child.name, frozenset(child.attrs), bool(child.value), type(child))
