"""Whether somebody is on call at every hour of the weeks ahead: a rota of dates runs out though nobody edits a file."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from ivr.call_flow.duty import ROTA_NOTICE, Shift, rotas_of, shifts
from ivr.call_flow.model import Rota
from ivr.call_flow.moments import day_and_time
from ivr.call_log.findings import Finding, Severity

from .examined import Examined


def check_rota(examined: Examined) -> list[Finding]:
    """For each rota that urgent calls ring the first time, from now on, that is nobody's turn."""
    now = examined.now()
    end = now + ROTA_NOTICE
    found: list[Finding] = []
    for rota in rotas_of(examined.routing).values():
        gap = next((shift for shift in shifts(rota, now, end) if not shift.name), None)
        if gap is not None:
            found.append(_finding(rota, gap, begun=gap.begins <= now, ends=gap.ends < end))
    return found


def _finding(rota: Rota, gap: Shift, *, begun: bool, ends: bool) -> Finding:
    zone = ZoneInfo(rota.zone)
    since = "now" if begun else f"from {day_and_time(gap.begins.astimezone(zone))}"
    until = f" until {day_and_time(gap.ends.astimezone(zone))}" if ends else ""
    what = f"Nobody of the rota {rota.name} is on call {since}{until}."
    why = "An urgent call rings the first of the rota, who does not expect it, and then the others."
    mend = f"Let the weeks or dates under on_call > {rota.name} in clinic.yaml cover every day, then publish."
    severity = Severity.ALARM if begun else Severity.WARNING
    return Finding("nobody-on-call", rota.name, severity, what, why, mend)
