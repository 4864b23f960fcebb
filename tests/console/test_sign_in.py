"""Getting in and being kept out: passwords, lockout, second factor, sessions, cookies, invitations."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import select

from ivr.accounts.passwords import problem_of
from ivr.accounts.people import disable, invite
from ivr.accounts.roles import Role
from ivr.accounts.second_factor import reseal
from ivr.accounts.tables import AccountRow
from ivr.call_log.audit import deeds
from ivr.call_log.database import reading
from ivr.console.visitors import address_of
from ivr.journal.sealing import Seal

from .conftest import HOST, PASSWORD, Desk, Guest

SECRET = re.compile(r"type: <code>(\w+)</code>")
SEALED = re.compile(r'name="sealed" type="hidden" value="([^"]+)"')
CODE = re.compile(r"<li>([0-9a-f]{6}-[0-9a-f]{6})</li>")


def real_numbers(config: Path) -> None:
    """A live service takes no fictional number."""
    clinic = config / "clinic.yaml"
    clinic.write_text(re.sub(r"555(01\d\d)", r"243\1", clinic.read_text("utf-8")), "utf-8")


@pytest.fixture
def maria(desk: Desk) -> Desk:
    """A console that maria of the front desk may enter."""
    desk.someone("maria", Role.FRONT_DESK)
    return desk


def test_a_right_password_lets_in_and_goes_on_to_the_page_asked_for(maria: Desk) -> None:
    guest = maria.stranger()
    assert guest.get("/calls").location == "/sign-in?next=/calls"
    answer = guest.sign_in("Maria ", to="/calls")
    assert (answer.status_code, answer.location) == (303, "/calls")
    assert guest.get("/calls").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_signing_in_never_leads_to_another_site(maria: Desk, elsewhere: str) -> None:
    assert maria.stranger().sign_in("maria", to=elsewhere).location == "/"


def test_the_cookie_cannot_be_read_by_scripts_or_sent_in_the_open(maria: Desk) -> None:
    cookie = maria.stranger().sign_in("maria").headers["Set-Cookie"]
    assert cookie.startswith("__Host-ivr=")
    for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert part in cookie
    assert "Domain" not in cookie


def test_an_unknown_name_and_a_wrong_password_look_alike(maria: Desk) -> None:
    wrong = maria.stranger().sign_in("maria", "some other long password")
    unknown = maria.stranger().sign_in("nobody-here", "some other long password")
    assert wrong.status_code == unknown.status_code == 401
    token = re.compile(r'value="[^"]*"')
    assert token.sub("", wrong.text) == token.sub("", unknown.text)


def test_an_unknown_name_costs_the_same_work_as_a_wrong_password(maria: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stranger could measure is the hash: there is one of the same cost, whether the name is known or not."""
    costs: list[Parameters] = []
    verify = PasswordHasher.verify

    def counted(hasher: PasswordHasher, kept: str, password: str) -> bool:
        costs.append(extract_parameters(kept))
        return verify(hasher, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    maria.stranger().sign_in("maria", "some other long password")
    maria.stranger().sign_in("nobody", "some other long password")
    known, unknown = costs
    assert known == unknown
    assert known.memory_cost >= 19_456


def test_ten_failures_shut_the_name_for_a_while_and_no_longer(maria: Desk) -> None:
    for _ in range(10):
        assert maria.stranger().sign_in("maria", "wrong wrong wrong wrong").status_code == 401
    assert maria.stranger().sign_in("maria").status_code == 429
    maria.clock.now += timedelta(minutes=16)
    assert maria.stranger().sign_in("maria").status_code == 303


def test_an_address_that_tries_many_names_is_shut_out(maria: Desk) -> None:
    for number in range(20):
        maria.stranger().sign_in(f"somebody-{number}", "wrong wrong wrong wrong")
    assert maria.stranger().sign_in("maria").status_code == 429


def test_a_forged_forwarding_header_does_not_make_a_new_address(maria: Desk) -> None:
    for number in range(20):
        guest = maria.stranger()
        guest.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        guest.sign_in(f"somebody-{number}", "wrong wrong wrong wrong")
    assert maria.stranger().sign_in("maria").status_code == 429


def behind_proxies(desk: Desk, forwarded: str) -> Guest:
    guest = desk.stranger()
    guest.client.environ_base["HTTP_X_FORWARDED_FOR"] = forwarded
    return guest


def test_behind_our_proxy_somebody_who_guesses_shuts_out_their_own_address_alone(
    open_desk: Callable[..., Desk],
) -> None:
    desk = open_desk(trusted_proxies=1)
    desk.someone("maria", Role.FRONT_DESK)
    for number in range(20):  # what the guesser writes into the header stands left of what the proxy adds
        behind_proxies(desk, f"198.51.100.{number}, 203.0.113.7").sign_in(
            f"somebody-{number}", "wrong wrong wrong wrong"
        )
    assert behind_proxies(desk, "203.0.113.7").sign_in("maria").status_code == 429
    assert behind_proxies(desk, "203.0.113.7, 203.0.113.8").sign_in("maria").status_code == 303


@pytest.mark.parametrize(
    ("forwarded", "proxies", "counted"),
    [
        ("203.0.113.7", 0, "192.0.2.1"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", 1, "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7, 10.0.0.1", 2, "203.0.113.7"),
        ("203.0.113.7:50123", 1, "203.0.113.7"),
        ("[2001:db8:1:2:3:4:5:6]:443", 1, "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", 1, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("203.0.113.7", 2, "192.0.2.1"),  # it came past one of the proxies
        ("unknown", 1, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
        ("203.0.113.7, ", 1, "192.0.2.1"),
    ],
)
def test_the_address_counted_is_the_one_our_outermost_proxy_saw(forwarded: str, proxies: int, counted: str) -> None:
    assert address_of("192.0.2.1", forwarded, proxies) == counted


def test_a_refusal_says_for_how_long(maria: Desk) -> None:
    for _ in range(10):
        maria.stranger().sign_in("maria", "wrong wrong wrong wrong")
    assert "Wait a quarter of an hour" in maria.stranger().sign_in("maria").text
    for number in range(10):
        maria.stranger().sign_in(f"somebody-{number}", "wrong wrong wrong wrong")
    assert "Wait an hour" in maria.stranger().sign_in("maria").text
    maria.clock.now += timedelta(minutes=59)
    assert maria.stranger().sign_in("maria").status_code == 429
    maria.clock.now += timedelta(minutes=2)
    assert maria.stranger().sign_in("maria").status_code == 303


def test_a_right_present_password_is_not_called_wrong_when_the_name_is_shut(maria: Desk) -> None:
    here = maria.stranger()
    here.sign_in("maria")
    for _ in range(10):
        maria.stranger().sign_in("maria", "wrong wrong wrong wrong")
    form = {"present": PASSWORD, "password": "four green boats sail at dawn", "again": "four green boats sail at dawn"}
    page = here.post("/account/password", form, on="/account").text
    assert "Wait a quarter of an hour" in page
    assert "not your present password" not in page


def test_a_live_service_behind_an_unnamed_proxy_says_so_in_the_log(
    open_desk: Callable[..., Desk], config: Path, caplog: pytest.LogCaptureFixture
) -> None:
    real_numbers(config)
    for proxies, said in ((0, 1), (1, 0)):
        caplog.clear()
        behind_proxies(open_desk(practice=False, trusted_proxies=proxies), "203.0.113.7").sign_in("x", "wrong " * 4)
        assert sum("IVR_TRUSTED_PROXIES" in line for line in caplog.messages) == said
    assert "203.0.113" not in caplog.text


def test_a_session_that_was_ended_cannot_be_used_again(maria: Desk) -> None:
    guest = maria.stranger()
    guest.sign_in("maria")
    cookie = guest.client.get_cookie("__Host-ivr", domain=HOST)
    assert cookie is not None
    guest.post("/sign-out", on="/")
    again = maria.stranger()
    again.client.set_cookie("__Host-ivr", cookie.value, domain=HOST, secure=True)
    assert again.get("/calls").status_code == 302


def test_a_session_ends_when_nobody_uses_it_or_after_twelve_hours(maria: Desk) -> None:
    guest = maria.stranger()
    guest.sign_in("maria")
    for _ in range(71):
        maria.clock.now += timedelta(minutes=10)
        assert guest.get("/calls").status_code == 200
    maria.clock.now += timedelta(minutes=11)
    assert guest.get("/calls").status_code == 302
    guest.sign_in("maria")
    maria.clock.now += timedelta(minutes=16)
    assert guest.get("/calls").status_code == 302


def test_a_page_that_asks_by_itself_keeps_no_session_alive(maria: Desk) -> None:
    guest = maria.stranger()
    guest.sign_in("maria")
    for _ in range(3):
        maria.clock.now += timedelta(minutes=6)
        status = guest.get("/", HX_Request="true", HX_Polled="1").status_code
    assert status == 401


def test_disabling_somebody_ends_their_session_at_once(maria: Desk) -> None:
    guest = maria.stranger()
    guest.sign_in("maria")
    assert disable(maria.engine, "maria", actor="test", now=maria.clock())
    assert guest.get("/calls").status_code == 302
    assert maria.stranger().sign_in("maria").status_code == 401


def test_another_password_signs_every_other_browser_out(maria: Desk) -> None:
    here, there = maria.stranger(), maria.stranger()
    here.sign_in("maria"), there.sign_in("maria")
    form = {"present": PASSWORD, "password": "four green boats sail at dawn", "again": "four green boats sail at dawn"}
    assert here.post("/account/password", {**form, "present": "not this one at all"}, on="/account").status_code == 400
    assert here.post("/account/password", form, on="/account").status_code == 303
    assert here.get("/calls").status_code == 200
    assert there.get("/calls").status_code == 302
    assert maria.stranger().sign_in("maria").status_code == 401


def test_giving_the_present_password_is_no_sign_in(maria: Desk) -> None:
    here = maria.stranger()
    here.sign_in("maria")
    form = {"present": PASSWORD, "password": "four green boats sail at dawn", "again": "four green boats sail at dawn"}
    here.post("/account/password", form, on="/account")
    said = [deed.action for deed in reversed(deeds(maria.engine)) if deed.action in ("signed in", "password changed")]
    assert said == ["signed in", "password changed", "signed in"], "the browser's session goes on as a new one"


@pytest.mark.parametrize(
    "password", ["", "short", "password1234567", "qwertyuiop[]asdf", "aaaaaaaaaaaaaaaaaaa", "x" * 201]
)
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    assert problem_of(password, "maria")


def test_a_good_password_is_taken() -> None:
    assert problem_of(PASSWORD, "maria") == ""


def switch_on(desk: Desk, guest_name: str) -> tuple[str, list[str]]:
    """Switch the second factor of somebody on; its secret and the recovery codes."""
    guest = desk.stranger()
    guest.sign_in(guest_name)
    page = guest.get("/account/second-factor").text
    secret, sealed = SECRET.search(page), SEALED.search(page)
    assert secret
    assert sealed
    form = {"sealed": sealed[1], "code": "000000"}
    assert "not the code" in guest.post("/account/second-factor", form, on="/account/second-factor").text
    form["code"] = pyotp.TOTP(secret[1]).at(desk.clock())
    page = guest.post("/account/second-factor", form, on="/account/second-factor").text
    return secret[1], CODE.findall(page)


def test_with_a_second_factor_the_password_alone_opens_nothing(maria: Desk) -> None:
    secret, _ = switch_on(maria, "maria")
    maria.clock.now += timedelta(minutes=2)
    guest = maria.stranger()
    guest.sign_in("maria")
    assert guest.get("/calls").location == "/sign-in/code"
    code = pyotp.TOTP(secret).at(maria.clock())
    assert guest.post("/sign-in/code", {"code": "000000"}, on="/sign-in/code").status_code == 401
    assert guest.post("/sign-in/code", {"code": code}, on="/sign-in/code").status_code == 303
    assert guest.get("/calls").status_code == 200


def test_a_code_works_once_also_when_the_clocks_differ_a_little(maria: Desk) -> None:
    secret, _ = switch_on(maria, "maria")
    maria.clock.now += timedelta(minutes=2)
    code = pyotp.TOTP(secret).at(maria.clock() + timedelta(seconds=25))
    for expected in (303, 401):
        guest = maria.stranger()
        guest.sign_in("maria")
        assert guest.post("/sign-in/code", {"code": code}, on="/sign-in/code").status_code == expected


def test_second_factors_are_sealed_anew_under_a_new_secret(maria: Desk) -> None:
    secret, _ = switch_on(maria, "maria")
    old, new = maria.settings.secret_keys, ("another secret of the tests",)
    assert reseal(maria.engine, Seal(new + old)) == (1, 0)
    with reading(maria.engine) as connection:
        kept = connection.scalars(select(AccountRow.second_factor).where(AccountRow.name == "maria")).one()
    assert Seal(new).unseal(kept) == secret
    assert reseal(maria.engine, Seal(old)) == (0, 1), "what cannot be read is counted and left"


def test_a_recovery_code_lets_in_once(maria: Desk) -> None:
    _, codes = switch_on(maria, "maria")
    assert len(set(codes)) == 8
    for expected in (303, 401):
        guest = maria.stranger()
        guest.sign_in("maria")
        assert guest.post("/sign-in/code", {"code": codes[0]}, on="/sign-in/code").status_code == expected


def test_an_invitation_makes_an_account_once(desk: Desk) -> None:
    token = invite(desk.engine, "omar", Role.MANAGER, actor="test", now=desk.clock())
    form = {"name": "omar", "password": PASSWORD, "again": PASSWORD, "role": "admin"}
    guest = desk.stranger()
    weak = guest.post(f"/welcome/{token}", {**form, "password": "weak", "again": "weak"}, on=f"/welcome/{token}")
    assert "at least 15" in weak.text
    assert guest.post(f"/welcome/{token}", form, on=f"/welcome/{token}").status_code == 303
    assert "omar</a>, manager" in guest.get("/").text  # the role is the invitation's, whatever a form says
    assert desk.stranger().get(f"/welcome/{token}").status_code == 404


def test_an_invitation_is_void_after_a_day(desk: Desk) -> None:
    token = invite(desk.engine, "omar", Role.MANAGER, actor="test", now=desk.clock())
    desk.clock.now += timedelta(hours=25)
    assert desk.stranger().get(f"/welcome/{token}").status_code == 404


def test_in_practice_the_first_link_lets_in_without_a_password(desk: Desk) -> None:
    token = invite(desk.engine, "", Role.ADMIN, actor="serve", now=desk.clock())
    guest = desk.stranger()
    assert guest.get(f"/welcome/{token}").status_code == 303
    assert "practice</a>, admin" in guest.get("/").text
    assert desk.stranger().get(f"/welcome/{token}").status_code == 404


def test_a_live_service_asks_the_first_admin_for_a_password(open_desk: Callable[..., Desk], config: Path) -> None:
    real_numbers(config)
    desk = open_desk(practice=False)
    token = invite(desk.engine, "", Role.ADMIN, actor="serve", now=desk.clock())
    guest = desk.stranger()
    assert guest.get(f"/welcome/{token}").status_code == 200
    form = {"name": "Ana", "password": PASSWORD, "again": PASSWORD}
    assert guest.post(f"/welcome/{token}", form, on=f"/welcome/{token}").status_code == 303
    assert "ana</a>, admin" in guest.get("/").text


def test_every_way_in_and_out_is_written_down(maria: Desk) -> None:
    guest = maria.stranger()
    guest.sign_in("maria", "wrong wrong wrong wrong")
    guest.sign_in("maria")
    guest.post("/sign-out", on="/")
    done = [deed.action for deed in deeds(maria.engine)]
    assert done[:3] == ["signed out", "signed in", "sign-in refused"]
