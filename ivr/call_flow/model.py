"""The clinic's routing as checked, frozen values: everything a call can meet.

`routing/` builds these from YAML; the engine only reads them. Destinations and prompts are referred to by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from .notice_rules import NoticeRules
from .text_rules import TextRules

MINUTES_A_DAY = 24 * 60


class Order(StrEnum):
    """How a hunt group rings its phones."""

    IN_TURN = "one after another"
    TOGETHER = "all at once"


class CallerId(StrEnum):
    """Which number the callee sees."""

    CLINIC = "clinic"
    CALLER = "caller"


@dataclass(frozen=True, slots=True)
class Interval:
    """One open span of a day, in minutes after local midnight; `closes` over 1440 runs into the next day."""

    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Closure:
    """One date on which the weekly hours do not apply; with `hours` the day is a short day, not a closed one."""

    name: str
    holiday: bool = False
    hours: tuple[Interval, ...] = ()


class OverrideKind(StrEnum):
    """What an override does."""

    EMERGENCY = "emergency"
    CLOSE = "close"
    OPEN = "open"
    SEND = "send"
    SAY = "say"
    SWAP = "swap"


@dataclass(frozen=True, slots=True)
class Override:
    """A change that ends by itself, in force in `[begins, ends)`, both aware. `location` "" is every one.

    `say` is what callers hear of it, by language; `to` is the location that calls are sent to. The larger `id` was
    made later. `reason` is for staff. Of a swap `location` is the rota and `to` who is on call instead.
    """

    id: int
    kind: OverrideKind
    location: str
    begins: datetime
    ends: datetime
    reason: str = ""
    say: Mapping[str, str] = field(default_factory=dict)
    to: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a location answers: seven tuples of intervals, Monday first, and the dates that differ.

    `overrides` are the location's, the one that counts most first.
    """

    zone: str
    week: tuple[tuple[Interval, ...], ...]
    closures: Mapping[date, Closure] = field(default_factory=dict)
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class Phone:
    """A clinic phone that may be rung: E.164 number, and for how long."""

    name: str
    number: str
    ring_seconds: int
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is on call when: `people` take turns, and a turn begins at minute `hand_over` after midnight in `zone`.

    The names in `weeks` have a week each, over and over, from the date `starting` on; a name in `dates` counts before
    them on its date. `people` are also the order in which the others are rung. `swaps` are overrides, the newest first.
    """

    name: str
    zone: str
    hand_over: int
    people: tuple[Phone, ...]
    mailbox: str
    starting: date | None = None
    weeks: tuple[str, ...] = ()
    dates: Mapping[date, str] = field(default_factory=dict)
    swaps: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True)
class HuntGroup:
    """Phones rung in an order; `otherwise` is where the caller goes when none of them takes the call."""

    name: str
    phones: tuple[Phone, ...]
    order: Order
    whisper: bool
    caller_id: CallerId
    otherwise: str


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the clinic: its hunt group while open, then `overflow` locations that are open, then its mailbox."""

    name: str
    title: str
    schedule: Schedule
    hunt_group: HuntGroup
    overflow: tuple[str, ...]
    mailbox: str
    when_closed: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One numbered key of a menu. `synonyms` are further words, by language, that mean this key when it listens."""

    key: str
    label: str
    to: str
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Menu:
    """Numbered choices. `person` is where 0 leads from here; None means the line's own."""

    name: str
    greeting: str | None
    choices: Mapping[str, Choice]
    person: str | None = None
    listen: bool = False


@dataclass(frozen=True, slots=True)
class Information:
    """A treatment topic, told in short parts (prompt names); `back` is where "go back" leads from the first part."""

    name: str
    parts: tuple[str, ...]
    back: str
    person: str | None = None


@dataclass(frozen=True, slots=True)
class ByHours:
    """A switch on a location's hours; `closures` names special destinations for closures or holidays by name."""

    name: str
    location: str
    open: str
    closed: str
    closures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Takes a spoken message after a key press. `callback` offers a call back instead, where configured."""

    name: str
    greeting: str
    longest_seconds: int
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class CallbackRequest:
    """Asks the clinic to call the caller's own number; `otherwise` serves those who decline or withhold it."""

    name: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Guide:
    """Offers a text with the link to the patient guide, where one can be sent. The call goes on to `then`."""

    name: str
    then: str


@dataclass(frozen=True, slots=True)
class UrgentCall:
    """Asks for a second `key`, then rings who is on call, then the others; `otherwise` is for callers who can wait."""

    name: str
    rota: Rota
    key: str
    otherwise: str


@dataclass(frozen=True, slots=True)
class Announcement:
    """Says one prompt and goes on."""

    name: str
    say: str
    then: str


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Says one prompt and hangs up."""

    name: str
    say: str


@dataclass(frozen=True, slots=True)
class StaffMenu:
    """Where staff close or reopen `locations` (names) after their PIN.

    `keys`, of * and # alone, pressed in a line's first menu lead here; nothing else does.
    """

    name: str
    keys: str
    locations: tuple[str, ...]


Destination = (
    Menu
    | Information
    | Location
    | HuntGroup
    | ByHours
    | Mailbox
    | CallbackRequest
    | Guide
    | UrgentCall
    | Announcement
    | Goodbye
    | StaffMenu
)


@dataclass(frozen=True, slots=True)
class Language:
    """A language callers may choose, with every sentence and name spoken in it.

    `code` is a BCP 47 tag such as es-US; `key` switches to it; `names` says how closures and holidays are spoken.
    """

    code: str
    voice: str
    key: str
    prompts: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A number patients dial: where its calls start, and who is "a person" on it."""

    name: str
    number: str
    start: str
    person: str
    language: str


@dataclass(frozen=True, slots=True)
class Budgets:
    """What the engine grants each call, whatever the configuration says."""

    ring_seconds: int = 90
    hops: int = 40


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days what is known of a call is kept: callers' numbers, its single facts, recorded messages."""

    numbers_days: int = 90
    events_days: int = 730
    messages_days: int = 90


@dataclass(frozen=True, slots=True)
class Routing:
    """Everything a call can meet, compiled from one version of the configuration.

    `lines` are keyed by name, the first is the main line; `line_of` finds a line's name by its E.164 number. `testers`
    are the numbers (E.164) that may hear this version while it is a draft. `staff` is one of the destinations too.
    `notices` is for the worker; no call looks at it. `texts` is None while callers are texted nothing.
    `countries` (ISO 3166, two letters) are those whose numbers may be called.
    """

    version: str
    clinic: str
    languages: Mapping[str, Language]
    lines: Mapping[str, Line]
    line_of: Mapping[str, str]
    destinations: Mapping[str, Destination]
    budgets: Budgets = Budgets()
    key_seconds: int = 5
    keep: Retention = Retention()
    testers: frozenset[str] = frozenset()
    overrides: tuple[Override, ...] = ()
    staff: StaffMenu | None = None
    notices: NoticeRules = field(default_factory=NoticeRules)
    countries: tuple[str, ...] = ("US",)
    texts: TextRules | None = None

    @property
    def main_line(self) -> Line:
        return next(iter(self.lines.values()))
