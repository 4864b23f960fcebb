"""`call`: a practice telephone. It signs as Twilio would and talks to the running service over HTTP."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import click

from ivr.call_flow.addresses import E164
from ivr.call_flow.hunting import phones_of
from ivr.call_flow.model import Routing
from ivr.call_flow.turn import Outcome
from ivr.routing.stories import Action, HangsUp, LeavesMessage, PhoneDoes, Presses, Says, StaysSilent
from ivr.routing.transcript import did
from ivr.settings import Settings, SettingsFault, read_settings

from .calling import ask_for_key, ask_for_message, asked, keys_option
from .configuration import load, usual_folder
from .document_call import Over, PlayedDocument, Round, read_document
from .telephone import WITHHELD, CallDropped, Ended, Key, Message, Moment, Ringing, Rung, Spoken, Telephone
from .transcript import show_row, show_words

USUAL_CALLER = "+14805550199"
USUAL_NUMBER = "+14805550100"
TIMEOUT_SECONDS = 15
LARGEST_ANSWER = 1024 * 1024
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
STATUS = {Outcome.NO_ANSWER: "no-answer", Outcome.BUSY: "busy", Outcome.FAILED: "failed"}
PHONE_QUESTION = "The phone: a answers, n no answer, b busy, v voicemail picks up, f failed, h the caller hangs up"


@dataclass(frozen=True, slots=True)
class VoicemailAnswers:
    """A personal voicemail picks up and presses nothing."""

    phone: int


@dataclass(frozen=True, slots=True)
class PersonAnswers:
    phone: int


Callee = VoicemailAnswers | PersonAnswers | PhoneDoes | HangsUp


class ServiceSender:
    """Sends signed forms to the service at `url`; they are signed for `public_url`, which may be another address."""

    def __init__(self, url: str, public_url: str) -> None:
        self._url = url.rstrip("/")
        self._public_url = public_url
        self._opener = build_opener(ProxyHandler({}))  # this machine is reached without a proxy

    def __call__(self, url: str, form: Mapping[str, str], signature: str) -> tuple[int, str]:
        """POST a form; status and body. Raises click.ClickException with the cure when the service does not serve."""
        address = self._url + url.removeprefix(self._public_url)
        headers = {"X-Twilio-Signature": signature, "Content-Type": "application/x-www-form-urlencoded"}
        request = Request(address, urlencode(form).encode(), headers)  # noqa: S310  http or https, checked before
        try:
            with self._opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")
        except HTTPError as refused:
            refused.close()
            if refused.code == 403:
                raise click.ClickException(_why_refused(self._url)) from None
            return refused.code, ""
        except (URLError, OSError, HTTPException):
            cure = "Start the service in another window with: make run"
            raise click.ClickException(f"No service answers at {self._url}. {cure}") from None


@click.command("call")
@click.option("--url", metavar="ADDRESS", help="The running service; http://127.0.0.1:8000 (or PORT) if left out.")
@click.option("--press", "keys", callback=keys_option, metavar="KEYS", help="Keys, such as 1,2,-; then silence.")
@click.option("--from", "caller", default=USUAL_CALLER, show_default=True, help="The caller's number.")
@click.option("--withheld", is_flag=True, help="The caller's number is withheld.")
@click.option(
    "--document", type=click.Path(path_type=Path), metavar="FILE", help="Play a fallback document; nothing need run."
)
def command(
    url: str | None, keys: tuple[Action, ...] | None, caller: str, document: Path | None, *, withheld: bool
) -> None:
    """Place a practice call to the running service, over HTTP and signed as Twilio would sign it.

    You are the caller, and the clinic's phone when it rings. With --press nothing is asked: the keys are pressed, then
    the caller stays silent, nobody answers, and a message is left where one is taken.

    \b
    python -m ivr call
    python -m ivr call --press 1,-
    python -m ivr call --withheld --url http://127.0.0.1:8080
    python -m ivr call --document fallback/fallback-main.xml
    """
    if document:
        _play(document, asks=keys is None)
        return
    settings = _practice_settings()
    url = url or f"http://127.0.0.1:{settings.port}"
    _check_address(url)
    if not E164.fullmatch(caller):
        raise click.BadParameter("write the number like +14805550199.", param_hint="--from")
    routing = load(settings.config).routing if settings.config.is_dir() else None
    dialled = routing.main_line.number if routing else USUAL_NUMBER
    telephone = Telephone(
        ServiceSender(url, settings.public_url),
        settings.public_url,
        settings.account_sid,
        settings.auth_tokens[0],
        WITHHELD if withheld else caller,
        dialled,
    )
    try:
        _converse(telephone, _names(routing), None if keys is None else list(keys))
    except CallDropped as dropped:
        raise click.ClickException(f"The call was dropped: {dropped}.") from None


def _play(file: Path, *, asks: bool) -> None:
    """What a caller meets whom the fallback document in `file` answers. With `asks` you are the clinic's phones."""
    folder = usual_folder()
    names = _names(load(folder).routing if folder.is_dir() else None)
    try:
        played = PlayedDocument(read_document(file))
        for event in played.events():
            match event:
                case Spoken():
                    _show_heard((event,))
                case Round(phones, seconds):
                    _show_ringing(phones, seconds, names)
                    callee = ask_for_callee(len(phones)) if asks else PhoneDoes(Outcome.NO_ANSWER)
                    if isinstance(callee, HangsUp):
                        click.secho(did(callee), bold=True)
                        return
                    played.answered = isinstance(callee, PersonAnswers | VoicemailAnswers)
                    click.secho(_said_of(callee), bold=True)
                case Over():
                    show_row("ends", "the call is over", fg="green")
    except CallDropped as dropped:
        raise click.ClickException(f"The call was dropped: {dropped}.") from None


def _said_of(callee: PersonAnswers | VoicemailAnswers | PhoneDoes) -> str:
    match callee:
        case PersonAnswers():
            return "The clinic answers; they talk, and the clinic hangs up."
        case VoicemailAnswers():
            return "A voicemail picks up and keeps the call: a document without a service cannot ask for a key."
        case PhoneDoes():
            return did(callee)


def _practice_settings() -> Settings:
    try:
        settings = read_settings(os.environ)
    except SettingsFault as fault:
        raise click.ClickException(str(fault)) from None
    if not settings.practice:
        raise click.ClickException("Practice calls are for practice mode. Set IVR_PRACTICE=1 here and at the service.")
    return settings


def _check_address(url: str) -> None:
    """Practice calls stay on this machine: the form they send is signed with the service's own token."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or parts.hostname not in LOOPBACK:
        raise click.BadParameter("practice calls stay on this machine: http://127.0.0.1:8000.", param_hint="--url")


def _why_refused(url: str) -> str:
    return (
        f"The service at {url} refused the call's signature (403). Start both with the same IVR_DATA, "
        "TWILIO_AUTH_TOKEN, TWILIO_ACCOUNT_SID, PORT and PUBLIC_URL."
    )


def _names(routing: Routing | None) -> dict[str, str]:
    """The names of the clinic's phones by number."""
    if routing is None:
        return {}
    return {phone.number: phone.name for place in routing.destinations.values() for phone in phones_of(place)}


def _converse(telephone: Telephone, names: Mapping[str, str], keys: list[Action] | None) -> None:
    click.secho("The call comes in.", bold=True)
    moment = telephone.dial()
    while True:
        _show(moment, names)
        match moment.wait:
            case Key(speech=speech):
                action = ask_for_key(listens=speech) if keys is None else keys.pop(0) if keys else StaysSilent()
                moment = _at_menu(telephone, action)
            case Ringing():
                callee = ask_for_callee(len(moment.wait.phones)) if keys is None else PhoneDoes(Outcome.NO_ANSWER)
                moment = _while_ringing(telephone, callee)
            case Message():
                action = ask_for_message() if keys is None else LeavesMessage()
                moment = _while_recording(telephone, action)
            case Ended():
                return


def _at_menu(telephone: Telephone, action: Action) -> Moment:
    click.secho(did(action), bold=True)
    match action:
        case Presses(key):
            return telephone.press(key)
        case Says(words):
            return telephone.say(words)
        case HangsUp():
            return _hung_up(telephone)
        case _:
            return telephone.stay_silent()


def _while_ringing(telephone: Telephone, callee: Callee) -> Moment:
    match callee:
        case PersonAnswers(phone):
            click.secho("The clinic answers.", bold=True)
            return telephone.clinic_answers(phone)
        case VoicemailAnswers(phone):
            click.secho("A voicemail picks up and presses no key.", bold=True)
            return telephone.voicemail_answers(phone)
        case HangsUp():
            click.secho(did(callee), bold=True)
            return _hung_up(telephone)
        case PhoneDoes(outcome):
            click.secho(did(callee), bold=True)
            return telephone.nobody_answers(STATUS.get(outcome, "no-answer"))


def _while_recording(telephone: Telephone, action: Action) -> Moment:
    click.secho(did(action), bold=True)
    match action:
        case LeavesMessage():
            return telephone.leave_message()
        case HangsUp():
            return _hung_up(telephone)
        case _:
            return telephone.stay_silent()


def _hung_up(telephone: Telephone) -> Moment:
    telephone.hang_up()
    return telephone.moment


def ask_for_callee(phones: int) -> Callee:
    """What the clinic's phone does; with several phones a2 and v2 mean the second."""
    hint = f" (a2, v2: phone 2 of {phones})" if phones > 1 else ""
    while True:
        answer = asked(f"{PHONE_QUESTION}{hint}: ")
        if answer is None or answer.casefold() == "h":
            return HangsUp()
        letter, number = answer[:1].casefold() or "n", answer[1:].strip() or "1"
        phone = int(number) - 1 if number in {str(count + 1) for count in range(phones)} else None
        match letter:
            case "a" if phone is not None:
                return PersonAnswers(phone)
            case "v" if phone is not None:
                return VoicemailAnswers(phone)
            case "n" | "b" | "f" if not answer[1:]:
                outcomes = {"n": Outcome.NO_ANSWER, "b": Outcome.BUSY, "f": Outcome.FAILED}
                return PhoneDoes(outcomes[letter])
            case _:
                click.echo("Please answer a, n, b, v, f or h.")


def _show(moment: Moment, names: Mapping[str, str]) -> None:
    _show_heard(moment.heard)
    match moment.wait:
        case Ringing(phones=phones, seconds=seconds):
            _show_ringing(phones, seconds, names)
        case Message(seconds=seconds):
            show_row("records", f"a spoken message of at most {seconds} seconds", fg="green")
        case Ended():
            show_row("ends", "the call is over", fg="green")
        case Key():
            pass
    click.echo()


def _show_heard(heard: Iterable[Spoken]) -> None:
    show_words((spoken.language, sentence) for spoken in heard for sentence in _sentences(spoken))


def _show_ringing(phones: Sequence[Rung], seconds: int, names: Mapping[str, str]) -> None:
    for number, phone in enumerate(phones, start=1):
        name = f"{names.get(phone.number, 'a phone')}, {phone.number}, for up to {seconds} seconds"
        show_row("rings", f"{number}. {name}" if len(phones) > 1 else name, fg="green")


def _sentences(spoken: Spoken) -> list[str]:
    return re.split(r"(?<=[.!?]) (?=\S)", spoken.text)
