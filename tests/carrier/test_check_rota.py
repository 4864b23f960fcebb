"""A rota that runs out is told while there is time, also where nobody edits the files."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ivr.app import fallback_writer
from ivr.carrier.check_rota import check_rota
from ivr.carrier.examined import Examined
from ivr.routing.compile import compile_files
from ivr.services import Services
from tests.conftest import ZONE, Clinic
from tests.on_call import with_on_call

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=ZONE)
DATES_ALONE: dict[str, Any] = {"weeks": None, "starting": None}


def found(clinic: Clinic, **changes: Any) -> list[tuple[str, str, str]]:
    services: Services = clinic.app.extensions["ivr"]
    routing = compile_files(with_on_call(**changes)).routing
    assert routing is not None
    settings = services.settings
    examined = Examined(settings, routing, fallback_writer(settings), None, lambda: NOW)
    return [(each.about, each.severity.value, each.what) for each in check_rota(examined)]


def test_a_rota_with_somebody_at_every_hour_is_well(clinic: Clinic) -> None:
    assert found(clinic) == []
    assert found(clinic, **DATES_ALONE, dates={"2026-11-20 to 2026-12-22": "Dr. Lee"}) == []


@pytest.mark.parametrize(
    ("dates", "severity", "what"),
    [
        (
            {"2026-11-20 to 2026-12-10": "Dr. Lee"},
            "warning",
            "Nobody of the rota nights is on call from Friday, December 11 at 8:00.",
        ),
        (
            {"2026-11-20 to 2026-11-30": "Dr. Lee", "2026-12-02 to 2027-01-31": "Dr. Kim"},
            "warning",
            "Nobody of the rota nights is on call from Tuesday, December 1 at 8:00"
            " until Wednesday, December 2 at 8:00.",
        ),
        ({"2026-11-01 to 2026-11-20": "Dr. Lee"}, "alarm", "Nobody of the rota nights is on call now."),
    ],
)
def test_who_is_missing_and_from_when_is_told(clinic: Clinic, dates: dict[str, str], severity: str, what: str) -> None:
    assert found(clinic, **DATES_ALONE, dates=dates) == [("nights", severity, what)]
