"""/readyz and /metrics: what keeps calls away, what is only a warning, and who may see the figures."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from ivr.app import create_app
from ivr.telemetry.worker_file import JobState, WorkerState, write_worker_file
from tests.conftest import CALLER, Clinic, Clock, settings_for

TOKEN = "a-token-for-the-tests"


def put_worker_file(clinic: Clinic, seconds_ago: float = 0.0, behind_seconds: int = 0, fault: str = "") -> None:
    seen = (clinic.clock() - timedelta(seconds=seconds_ago)).astimezone(UTC).isoformat()
    jobs = {"drain": JobState(fault=fault), "figures": JobState()}
    write_worker_file(clinic.settings.data, WorkerState(seen, seen, 7, 10, behind_seconds, jobs=jobs))


def ready(clinic: Clinic) -> tuple[int, dict[str, Any]]:
    """Status and word of /readyz."""
    answer = clinic.client.get("/readyz")
    return answer.status_code, json.loads(answer.data)


@pytest.fixture
def client(tmp_path: Path, config: Path) -> Callable[..., FlaskClient]:
    """A browser at a service with other settings than the clinic's."""

    def opened(**changes: object) -> FlaskClient:
        clinic_yaml = config / "clinic.yaml"
        clinic_yaml.write_text(clinic_yaml.read_text().replace("555", "456"))  # a live service refuses fictional ones
        settings = replace(settings_for(tmp_path, config), **changes)  # type: ignore[arg-type]
        return create_app(settings, clock=Clock("2026-11-24 10:00"), watch=False).test_client()

    return opened


def test_a_host_is_ready_without_a_worker_but_says_so(clinic: Clinic) -> None:
    status, answer = ready(clinic)
    assert status == 200
    assert answer["ready"]
    assert answer["worker"] == {"alive": False}
    assert "worker is not running" in answer["warnings"][0]
    assert answer["routing"]["version"]


def test_a_living_worker_leaves_no_warning(clinic: Clinic) -> None:
    put_worker_file(clinic, seconds_ago=3)
    _, answer = ready(clinic)
    assert answer["warnings"] == []
    assert answer["worker"]["alive"]
    assert answer["worker"]["age_seconds"] == 3.0
    assert answer["worker"]["failing"] == []


def test_a_silent_worker_and_a_late_log_are_warnings(clinic: Clinic) -> None:
    put_worker_file(clinic, seconds_ago=60, behind_seconds=600, fault="OperationalError")
    status, answer = ready(clinic)
    assert status == 200
    assert len(answer["warnings"]) == 2
    assert not answer["worker"]["alive"]
    assert answer["worker"]["failing"] == ["drain"]


def test_a_journal_that_cannot_be_written_keeps_calls_away_until_it_can(clinic: Clinic) -> None:
    journal = clinic.settings.data / "journal"
    journal.write_text("in the way")
    status, answer = ready(clinic)
    assert status == 503
    assert not answer["ready"]
    assert "journal cannot be written" in answer["faults"][0]
    journal.unlink()
    assert clinic.client.get("/readyz").status_code == 200
    assert not list(journal.iterdir())


def test_a_refused_configuration_is_a_warning(clinic: Clinic) -> None:
    (clinic.settings.config / "menus.yaml").write_text("menus: [\n")
    live = clinic.app.extensions["ivr"].live
    while not live.trouble:
        live.refresh()
        time.sleep(0.02)
    status, answer = ready(clinic)
    assert status == 200
    assert any("configuration on disk is not in use" in warning for warning in answer["warnings"])


def test_figures_are_for_this_machine_only_in_practice_mode(clinic: Clinic) -> None:
    telephone = clinic.telephone()
    telephone.dial()
    telephone.press("3")
    page = clinic.client.get("/metrics")
    assert page.status_code == 200
    assert "ivr_calls_total 1.0" in page.text
    assert "ivr_turns_total 2.0" in page.text
    assert CALLER[1:] not in page.text
    assert clinic.client.get("/metrics", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 404


def test_a_live_service_without_a_token_shows_no_figures(client: Callable[..., FlaskClient]) -> None:
    assert client(practice=False).get("/metrics").status_code == 404


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é"]
)
def test_with_a_token_only_its_holder_sees_figures(client: Callable[..., FlaskClient], given: str) -> None:
    opened = client(practice=False, metrics_token=TOKEN)
    refused = opened.get("/metrics", headers={"Authorization": given} if given else {})
    assert (refused.status_code, refused.data) == (401, b"")
    assert opened.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_the_figures_of_a_flood_of_unsigned_requests(clinic: Clinic) -> None:
    for number in range(20):
        assert clinic.client.post(f"/voice/{number}/x").status_code == 403
    page = clinic.client.get("/metrics").text
    assert "ivr_signature_refusals_total 20.0" in page
    assert 'ivr_requests_total{door="other",status="403"} 20.0' in page
