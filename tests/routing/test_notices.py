"""`notices` in clinic.yaml: what becomes of it, and that the sample's example is one that works."""

from __future__ import annotations

import re

import pytest

from ivr.call_flow.addresses import is_mail_address
from ivr.call_flow.model import Routing
from ivr.call_flow.notice_rules import NoticeKind, NoticeRules, Rule, Told, Way
from ivr.routing.compile import compile_files
from tests.conftest import ROOT

WHOLE = """
notices:
  unanswered_calls: 5
  people:
    maria:
      name: Maria Lopez
      mail: maria@example.com
      text: +14802345678
      quiet: 20:00-7:00
    sam:
      mail: sam@example.com
  rules:
    - tell: [maria, sam]
      about: [message left, missed call]
      locations: gilbert
      when: 17:00, 8:00
    - tell: maria
      about: everything
      by: [text, webhook]
      despite_quiet: yes
"""


def compiled(files: dict[str, bytes], text: str) -> Routing:
    found = compile_files({**files, "clinic.yaml": files["clinic.yaml"] + text.encode()})
    assert found.routing is not None, [str(problem) for problem in found.problems]
    return found.routing


def test_rules_are_read_as_they_are_written(good_files: dict[str, bytes]) -> None:
    maria = Told("Maria Lopez", "maria@example.com", "+14802345678", (20 * 60, 31 * 60))
    kinds = frozenset({NoticeKind.MESSAGE_LEFT, NoticeKind.MISSED_CALL})
    assert compiled(good_files, WHOLE).notices == NoticeRules(
        {"maria": maria, "sam": Told("sam", "sam@example.com")},
        (
            Rule(("maria", "sam"), kinds, (Way.MAIL,), frozenset({"gilbert"}), (480, 1020)),
            Rule(("maria",), frozenset(NoticeKind), (Way.TEXT, Way.WEBHOOK), despite_quiet=True),
        ),
        5,
    )


def test_without_the_section_or_switched_off_nobody_is_told(good_files: dict[str, bytes]) -> None:
    assert compiled(good_files, "").notices == NoticeRules()
    switched_off = WHOLE.replace("notices:\n", "notices:\n  enabled: no\n")
    assert compiled(good_files, switched_off).notices == NoticeRules()


def test_the_example_in_the_sample_works_once_its_signs_are_taken_away() -> None:
    config = ROOT / "config"
    files = {path.relative_to(config).as_posix(): path.read_bytes() for path in config.rglob("*.yaml")}
    text = files["clinic.yaml"].decode()
    before, example = text.split("# notices:\n")
    taken = re.sub("^# ?", "", "# notices:\n" + example, flags=re.MULTILINE)
    found = compile_files({**files, "clinic.yaml": (before + taken).encode()})
    assert [str(each) for each in found.problems if "fictional" not in str(each)] == []
    assert found.routing is not None
    assert set(found.routing.notices.people) == {"maria", "sam"}


@pytest.mark.parametrize("address", ["maria@example.com", "m.lopez+desk@mail.example.co", "o'neil@example.com"])
def test_ordinary_addresses_are_taken(address: str) -> None:
    assert is_mail_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "maria",
        "maria@localhost",
        "maria@@example.com",
        "maria@example.com, sam@example.com",
        "Maria <maria@example.com>",
        "maria@example.com\n",
        '"a b"@example.com',
        ".maria@example.com",
        "maria@-example.com",
        "maría@example.com",
        f"{'m' * 65}@example.com",
        "maria@example.com?bcc=x@y.z",
    ],
)
def test_what_is_no_single_plain_address_is_refused(address: str) -> None:
    assert not is_mail_address(address)
