"""What can be seen on this machine: disk, clock, config/ against what is live, and numbers that nobody answers."""

from __future__ import annotations

from ivr.call_flow.hunting import phones_of
from ivr.call_flow.model import Phone, Routing
from ivr.call_log.findings import Finding, Severity, on_host
from ivr.routing.compile import compile_files, version_of
from ivr.routing.folder import read_folder
from ivr.routing.numbers import is_fictional
from ivr.routing.text import Limits

from .asking import CarrierAway, tried
from .attention import http_moment
from .examined import Examined, PartlySeen

LITTLE_BYTES, TOO_LITTLE_BYTES = 2_000_000_000, 200_000_000
MOST_SKEW_SECONDS = 30
CHECK = "python -m ivr check"
PUBLISH = "python -m ivr publish"


def check_disk(examined: Examined) -> list[Finding]:
    """Room where the journal stands."""
    folder = examined.settings.data
    host = examined.settings.host_name
    place, about = f"the disk of {folder} on {host}", on_host(host, f"the disk of {folder}")
    why = "When it is full, what happens in calls is lost, and the call log with it. Calls go on."
    try:
        free = examined.free(folder)
    except OSError as fault:
        what = f"The folder {folder} on {host} cannot be looked at ({fault.strerror})."
        return [Finding("disk", about, Severity.ALARM, what, why, "See that it exists and belongs to the service.")]
    if free >= LITTLE_BYTES:
        return []
    severity = Severity.ALARM if free < TOO_LITTLE_BYTES else Severity.WARNING
    what = f"There are {free / 1e9:.1f} GB left on {place}."
    return [Finding("disk", about, severity, what, why, "Make room, or move IVR_DATA to a larger disk.")]


def check_configuration(examined: Examined) -> list[Finding]:
    """The files in config/ against what callers hear."""
    settings, live = examined.settings, examined.routing
    folder = str(settings.config)
    place, about = f"{folder} on {settings.host_name}", on_host(settings.host_name, folder)
    if not settings.config.is_dir():
        return []
    limits = Limits.of_kilobytes(settings.config_kilobytes)
    files, problems = read_folder(settings.config, limits)
    if not problems and version_of(files) == live.version:
        return []
    found = compile_files(files, live=not settings.practice, limits=limits, folder=folder) if not problems else None
    if found is None or found.routing is None:
        what = f"The configuration in {place} has mistakes and is not what callers hear."
        why = "Whoever changed it believes that callers hear the change."
        return [Finding("configuration", about, Severity.WARNING, what, why, f"See what is wrong: {CHECK}")]
    what = f"The configuration in {place} is not what callers hear: it, or what is published, was changed alone."
    why = "Whoever changed it believes that callers hear the change."
    mend = f"Publish it: {PUBLISH}. Or set it back to what is live: python -m ivr rollback."
    return [Finding("configuration", about, Severity.NOTE, what, why, mend)]


def check_clock(examined: Examined) -> list[Finding]:
    """The moment Twilio's answer was made, to the second, against our own clock."""
    client, settings = examined.client, examined.settings
    if client is None:
        return []
    account = client.api.v2010.accounts(settings.account_sid)
    try:
        headers = dict(tried(account.fetch_with_http_info, examined.pause).headers or {})
    except CarrierAway:  # that it does not answer is told by what asks for more
        raise PartlySeen([], {"clock"}) from None
    at = http_moment(next((str(value) for name, value in headers.items() if name.lower() == "date"), ""))
    skew = abs((examined.now() - at).total_seconds()) if at else 0.0
    if skew <= MOST_SKEW_SECONDS:
        return []
    what = f"The clock of {settings.host_name} is {skew:.0f} seconds off."
    why = "The clinic opens and closes at the wrong time, and second factors are refused."
    about = on_host(settings.host_name, "the clock")
    return [Finding("clock", about, Severity.WARNING, what, why, "Let the machine keep time by NTP.")]


def check_fictional(examined: Examined) -> list[Finding]:
    """555 numbers: samples, which no telephone answers and Twilio refuses to ring (error 13224)."""
    routing = examined.routing
    lines = [name for name, line in routing.lines.items() if is_fictional(line.number)]
    phones = list(dict.fromkeys(phone.name for phone in _phones(routing) if is_fictional(phone.number)))
    severity = Severity.NOTE if examined.settings.practice else Severity.ALARM
    mend = "Put the clinic's own numbers into clinic.yaml, then publish."
    found: list[Finding] = []
    if lines:
        what = f"The number of {_listed('the line', lines)} is fictional (555)."
        found.append(Finding("fictional", "lines", severity, what, "No patient can call it.", mend))
    if phones:
        what = f"The number of {_listed('the phone', phones)} is fictional (555)."
        why = "It never rings: a patient who asks for a person reaches nobody."
        found.append(Finding("fictional", "phones", severity, what, why, mend))
    return found


def _phones(routing: Routing) -> list[Phone]:
    return [phone for place in routing.destinations.values() for phone in phones_of(place)]


def _listed(kind: str, names: list[str]) -> str:
    return f"{kind} {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else "")
