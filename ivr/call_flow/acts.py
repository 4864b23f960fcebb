"""Everything that can be heard at a step that waits: every key, silence, garbage, and whatever phones can do."""

from __future__ import annotations

from dataclasses import dataclass

from .engine import HOPS_OF_GRACE
from .model import CallbackRequest, Guide, Information, Menu, Routing, StaffMenu, UrgentCall
from .turn import (
    Arrived,
    Ask,
    CallState,
    CrisisHeard,
    DialEnded,
    HangUp,
    Heard,
    Join,
    MessageLeft,
    NotUnderstood,
    Outcome,
    Pace,
    PinChecked,
    Pressed,
    Record,
    Ring,
    Silence,
    Step,
    Understood,
    Verdict,
)

KEYS = "1234567890*#"
NO_KEY = ""  # what a wrong form, or two keys at once, arrive as
RECORDING = "RE" + "0" * 32


@dataclass(frozen=True, slots=True)
class Act:
    """What is heard next. `hop` is 0 save where the call has used up its turns."""

    heard: Heard
    hop: int = 0

    @property
    def idle(self) -> bool:
        """Whether a caller who does nothing can bring this about."""
        match self.heard:
            case Arrived():
                return True
            case Silence():
                return self.hop == 0
            case DialEnded(outcome):
                return self.hop == 0 and outcome not in (Outcome.ANSWERED, Outcome.CALLER_LEFT)
            case _:
                return False


def acts(routing: Routing, step: Step) -> tuple[Act, ...]:
    """Everything that can be heard after a step that waits; the engine has an answer for anything else too."""
    match step:
        case Ask(resume, _, listen, _, digits):
            keys = [Act(Pressed(key)) for key in (*KEYS, NO_KEY)]
            spoken = _spoken(routing, resume) if listen else ()
            pins = [Act(PinChecked(verdict)) for verdict in Verdict] if digits > 1 else ()
            return (*keys, *spoken, *pins, Act(Silence()), *_out_of_turns(routing, resume, Silence()))
        case Ring(resume):
            ends = [Act(DialEnded(outcome)) for outcome in Outcome]
            return (*ends, *_out_of_turns(routing, resume, DialEnded(Outcome.NO_ANSWER)))
        case Record(resume):
            left = (Act(MessageLeft(RECORDING, 10)), Act(MessageLeft("", 0)), Act(Silence()))
            return (*left, *_out_of_turns(routing, resume, Silence()))
        case HangUp() | Join():
            return ()


def _spoken(routing: Routing, state: CallState) -> tuple[Act, ...]:
    place = routing.destinations.get(state.place)
    others = [each.key for code, each in routing.languages.items() if code != state.language]
    keys = (*place.choices, *"0*#", *others) if isinstance(place, Menu) else ()
    return (*(Act(Understood(key, 100)) for key in keys), Act(NotUnderstood()), Act(CrisisHeard()))


def _out_of_turns(routing: Routing, state: CallState, heard: Heard) -> tuple[Act, ...]:
    """The two guards on `hop`, once for each place and language: neither looks at anything else of the state."""
    if state.silences or state.wrong_keys or state.part or state.pace is not Pace.NORMAL:
        return ()
    hops = routing.budgets.hops
    talks = Menu | Information | CallbackRequest | Guide | StaffMenu | UrgentCall
    spent = isinstance(routing.destinations.get(state.place), talks)
    return (*([Act(heard, hops)] if spent else []), Act(heard, hops + HOPS_OF_GRACE))
