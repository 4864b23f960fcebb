"""Is there a fallback away from this service, and does it still say what the live routing would?"""

from __future__ import annotations

from urllib.parse import urlsplit

from ivr.call_flow.model import Line
from ivr.call_log.findings import Finding, Severity

from .examined import Examined
from .fallback import Document, NotHosted, NotReadable, hosted, same

WRITE = "python -m ivr fallback"
FALLBACK_KINDS = frozenset(f"fallback-{what}" for what in ("useless", "here", "unread", "gone", "differs")) | {
    "no-fallback"
}


def check_fallback(examined: Examined) -> list[Finding]:
    """Each line's document: does it hold, where is it hosted, and is what is hosted the same?"""
    found: list[Finding] = []
    for line in examined.routing.lines.values():
        document = examined.writer.write(examined.routing, line, examined.settings.fallback_of(line.name))
        if document.fault:
            found.append(_useless(document))
        found += _of_line(examined, line, document)
    return found


def _of_line(examined: Examined, line: Line, document: Document) -> list[Finding]:
    address = examined.settings.fallback_of(line.name)
    if not address:
        what = f"FALLBACK_URL names no fallback for the line {line.name}."
        why = "When this machine is gone, its callers hear an error and are cut off."
        mend = f"Write the document with {WRITE}, host it elsewhere, set FALLBACK_URL, then: python -m ivr provision"
        return [Finding("no-fallback", line.name, Severity.WARNING, what, why, mend)]
    if urlsplit(address).hostname == urlsplit(examined.settings.public_url).hostname:
        what = f"The fallback of the line {line.name} is hosted where this service is."
        why = "Whatever takes this service away takes the fallback with it."
        found = [Finding("fallback-here", line.name, Severity.WARNING, what, why, "Host it elsewhere.")]
    else:
        found = []
    try:
        there = hosted(address)
    except NotReadable as fault:
        what = f"The fallback of the line {line.name} cannot be compared: {fault}."
        why = "It may still ring phones the clinic no longer has."
        mend = f"Compare it by eye with what {WRITE} writes."
        return [*found, Finding("fallback-unread", line.name, Severity.NOTE, what, why, mend)]
    except NotHosted as fault:
        what = f"The fallback of the line {line.name} is not there: {fault}."
        why = "When this service fails, callers hear an error and are cut off."
        mend = f"Write it with {WRITE} and put it where FALLBACK_URL says, on a host that answers a POST with text/xml."
        return [*found, Finding("fallback-gone", line.name, Severity.ALARM, what, why, mend)]
    if not same(there, document.text):
        what = f"The hosted fallback of the line {line.name} is not what the live routing says."
        why = "When this service fails, callers hear old words or ring phones the clinic no longer has."
        mend = f"Write it anew with {WRITE} and replace what is hosted."
        found.append(Finding("fallback-differs", line.name, Severity.WARNING, what, why, mend))
    return found


def _useless(document: Document) -> Finding:
    what = f"The fallback document of the line {document.line} is of no use. {document.fault}"
    why = "When this service fails, its callers reach nobody."
    return Finding("fallback-useless", document.line, Severity.WARNING, what, why, "Mend the configuration.")
