"""One turn in the making: where the call stands, what we have said so far, and what is worth keeping."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from .events import Event
from .hours import is_open
from .model import Language, Line, Location, Routing
from .spoken import press
from .turn import Ask, CallerDigits, CallState, Pace, Say, Step, Turn

SLOW_FACTOR = 2


@dataclass(frozen=True, slots=True)
class Go:
    """On to another destination, within the same turn."""

    to: str


class Scene:
    """Lives for one call of `advance`; the destinations speak and note into it, then it becomes a `Turn`."""

    __slots__ = ("_now", "_open", "_said", "_timeless", "events", "routing", "sent", "state", "told_closed")

    def __init__(self, routing: Routing, state: CallState, now: datetime) -> None:
        self.routing = routing
        self._now = now
        self._timeless = True
        self._open: dict[str, bool] = {}
        self.state = (
            state if state.language in routing.languages else replace(state, language=self._own_language(state))
        )
        self.events: list[Event] = []
        self.told_closed: set[str] = set()
        self.sent = False  # across to another location, by an override
        self._said: list[tuple[str, str | CallerDigits]] = []

    @property
    def now(self) -> datetime:
        """The moment of the turn. Whoever asks makes the answer depend on it."""
        self._timeless = False
        return self._now

    def is_open(self, location: Location) -> bool:
        """Whether a location is open at the moment of the turn. It is asked on the way there and again on arriving."""
        now = self.now
        if location.name not in self._open:
            self._open[location.name] = is_open(location.schedule, now)
        return self._open[location.name]

    @property
    def line(self) -> Line:
        return self.routing.lines.get(self.state.line, self.routing.main_line)

    @property
    def language(self) -> Language:
        return self.routing.languages[self.state.language]

    def move(self, place: str) -> None:
        """Stand in `place`, at its beginning, with fresh tries."""
        self.state = self.state.at(place)

    def note(self, event: Event) -> None:
        self.events.append(event)

    def say(self, *phrases: str | CallerDigits) -> None:
        """Say phrases in the call's language, each followed by a short pause."""
        language = self.state.language
        self._said.extend([(language, phrase) for phrase in phrases if phrase])

    def say_in(self, language: str, *phrases: str) -> None:
        self._said.extend((language, phrase) for phrase in phrases if phrase)

    def prompt(self, name: str) -> None:
        """Say a prompt of the configuration by its name."""
        self.say(self.text(name))

    def offer(self, name: str, key: str) -> None:
        """Say what a key does: the function first, then the key (ISO/IEC 13714)."""
        self.say(f"{self.text(name)}, {press(self.state.language, key)}.")

    def text(self, name: str, language: str = "") -> str:
        """A prompt's words; the first language's words where a translation is missing, so that nobody hears silence."""
        chosen = self.routing.languages[language or self.state.language]
        return chosen.prompts.get(name) or next(iter(self.routing.languages.values())).prompts.get(name, "")

    def location_named(self, name: str) -> Location | None:
        found = self.routing.destinations.get(name)
        return found if isinstance(found, Location) else None

    def ask(self, *, listen: bool = False, hints: tuple[str, ...] = (), digits: int = 1) -> Ask:
        """Wait for the caller here; a slow caller has twice the time."""
        slow = SLOW_FACTOR if self.state.pace is Pace.SLOW else 1
        return Ask(self.resume(), self.routing.key_seconds * slow, listen, hints, digits)

    def resume(self) -> CallState:
        """The state in which the next turn of this call begins."""
        return self.state.next_turn()

    def turn(self, step: Step) -> Turn:
        return Turn(self._speech(), step, tuple(self.events), self._timeless)

    def _speech(self) -> tuple[Say, ...]:
        """Neighbouring phrases of one language become one `Say`."""
        pace = self.state.pace
        return tuple(
            [
                Say(language, pace, tuple([phrase for _, phrase in said]))
                for language, said in groupby(self._said, itemgetter(0))
            ]
        )

    def _own_language(self, state: CallState) -> str:
        line = self.routing.lines.get(state.line, self.routing.main_line)
        return line.language if line.language in self.routing.languages else next(iter(self.routing.languages))
