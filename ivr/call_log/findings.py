"""What the doctor found wrong, as it stands now, and what changed since it was last looked at.

No finding holds anything of a call or a caller; it names lines, addresses and the account's own state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Engine, String, delete, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from .database import reading, writing
from .tables import NAME, Table


class Severity(StrEnum):
    """How bad it is: patients are not served, they may soon not be, or it could not be looked at."""

    ALARM = "alarm"
    WARNING = "warning"
    NOTE = "note"


ORDER = tuple(Severity)
_OF_HOST = ": "  # host names hold no colon


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: what, why it matters to a patient, and how to mend it, a sentence or two each.

    `code` names the kind of finding and `about` its place (a line, an address, or ""); together they are one finding,
    however often it is made. What one host alone can see begins with its name: see `on_host`.
    """

    code: str
    about: str
    severity: Severity
    what: str
    why: str
    mend: str


@dataclass(frozen=True, slots=True)
class StandingFinding:
    """A finding, and since when it has been made each time."""

    finding: Finding
    since: datetime


@dataclass(frozen=True, slots=True)
class Changed:
    """What an examination found that the one before did not, or not as bad, and what is mended."""

    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]


class FindingRow(Table):
    """A finding of the last examination."""

    __tablename__ = "finding"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    about: Mapped[str] = mapped_column(NAME, primary_key=True)
    severity: Mapped[str] = mapped_column(String(20))
    what: Mapped[str]
    why: Mapped[str]
    mend: Mapped[str]
    since: Mapped[datetime]


# Whose findings an examination replaces: asked with a host's name, or with "" for what is every host's.
Whose = Callable[[str], bool]


def everybodys(_host: str) -> bool:
    return True


def on_host(host: str, place: str) -> str:
    """What a finding is about that was made on one host."""
    return f"{host}{_OF_HOST}{place}"


def host_of(about: str) -> str:
    """The host that a finding names in this way; "" when it is every host's."""
    host, found, _ = about.partition(_OF_HOST)
    return host if found else ""


def keep(
    engine: Engine,
    findings: Iterable[Finding],
    now: datetime,
    whose: Whose = everybodys,
    *,
    unseen: Collection[str] = (),
) -> Changed:
    """Put the findings of one examination in place of those before; what stood already keeps its `since`.

    Only those are replaced that are `whose` the examination is. `unseen` are the codes of findings that could not be
    looked for: those stay as they stood.
    """
    found = {(each.code, each.about): each for each in findings}
    with writing(engine) as connection:
        rows = connection.execute(select(FindingRow.__table__)).all()
        before = {(row.code, row.about): row for row in rows if whose(host_of(row.about))}
        gone = [key for key in before if key not in found and key[0] not in unseen]
        for code, about in gone:
            connection.execute(delete(FindingRow).where(FindingRow.code == code, FindingRow.about == about))
        new = [each for key, each in found.items() if key not in before]
        if new:
            connection.execute(insert(FindingRow), [{**_values(each), "since": now} for each in new])
        worse = [each for key, each in found.items() if key in before and _is_worse(each, _finding(before[key]))]
        for key, each in found.items():
            if key in before and _finding(before[key]) != each:
                here = FindingRow.code == each.code, FindingRow.about == each.about
                connection.execute(update(FindingRow).where(*here).values(_values(each)))
    return Changed((*new, *worse), tuple(_finding(before[key]) for key in gone))


def standing(engine: Engine) -> list[StandingFinding]:
    """The findings of the last examination, the worst first, the oldest of a kind first."""
    with reading(engine) as connection:
        rows = connection.execute(select(FindingRow.__table__)).all()
    found = [StandingFinding(_finding(row), row.since) for row in rows]
    return sorted(found, key=lambda each: (ORDER.index(each.finding.severity), each.since, each.finding.code))


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """In the order in which they should be dealt with."""
    return sorted(findings, key=lambda each: (ORDER.index(each.severity), each.code, each.about))


def _is_worse(finding: Finding, before: Finding) -> bool:
    return ORDER.index(finding.severity) < ORDER.index(before.severity)


def _values(finding: Finding) -> dict[str, str]:
    names = ("code", "about", "what", "why", "mend")
    return {"severity": finding.severity.value, **{name: getattr(finding, name) for name in names}}


def _finding(row: object) -> Finding:
    """A row written by a newer release may hold a severity we do not know: it is shown, as a warning."""
    known = getattr(row, "severity", "")
    severity = Severity(known) if known in ORDER else Severity.WARNING
    texts = {name: str(getattr(row, name)) for name in ("code", "about", "what", "why", "mend")}
    return Finding(severity=severity, **texts)
