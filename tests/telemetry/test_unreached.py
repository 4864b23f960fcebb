"""Why a server gave no usable answer is told in words that name the setting, whatever library asked it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from ivr.telemetry.unreached import why_unreached
from tests.carrier.static_host import static_host
from tests.certificates import self_signed
from tests.local_server import Quiet, listening, nobody

SEE = "see the scheme and port of PUBLIC_URL"


def asked(address: str) -> str:
    with pytest.raises(requests.RequestException) as fault:
        requests.post(address, timeout=5)
    return why_unreached(fault.value, "PUBLIC_URL")


@contextmanager
def served_by_tls_of(least: ssl.TLSVersion, most: ssl.TLSVersion, folder: Path) -> Iterator[str]:
    shows, _ = self_signed(folder / "certificate.pem")
    shows.maximum_version, shows.minimum_version = most, least
    with static_host(shows) as host:
        yield f"https://127.0.0.1:{host.port}"


# A server of long ago is the point.
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_what_speaks_no_tls_at_all_is_said_to_have_none(tmp_path: Path) -> None:
    with static_host() as host:
        told = asked(f"https://127.0.0.1:{host.port}")
    assert told == "there is no TLS where PUBLIC_URL says: see its scheme and port"
    old = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with served_by_tls_of(*old, tmp_path) as address:
        assert asked(address) == "TLS could not be agreed on with it: see which versions it speaks"
    with served_by_tls_of(ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3, tmp_path) as address:
        assert asked(address) == "its certificate is not trusted, or is for another name than PUBLIC_URL has"


def test_a_server_that_hangs_up_and_one_that_is_not_there_are_two_things() -> None:
    class HangsUp(Quiet):
        def do_POST(self) -> None:
            """Without a word."""

    with listening(HangsUp) as port:
        assert asked(f"http://127.0.0.1:{port}") == f"it hung up without an answer: {SEE}"
    with nobody() as port:
        assert asked(f"http://127.0.0.1:{port}") == "nobody listens where PUBLIC_URL says: see its host and port"


def test_what_is_no_fault_of_a_setting_is_named_by_its_kind_and_not_by_its_text() -> None:
    assert why_unreached(ValueError("+14805550123"), "SMTP_URL") == "something else went wrong (ValueError)"
