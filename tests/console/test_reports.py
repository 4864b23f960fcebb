"""The reports: figures as the call log counts them, charts that are plain pictures, a map of the menus, a file."""

from __future__ import annotations

import csv
import io
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient

from ivr.accounts.people import accept, invite, people
from ivr.accounts.roles import Role
from ivr.accounts.sessions import begin
from ivr.app import create_app
from ivr.call_log import definitions
from ivr.call_log.audit import deeds
from ivr.call_log.counts import counts
from ivr.call_log.days import Days
from ivr.call_log.funnel import MenuFunnel, funnels
from ivr.call_log.missed import missed_callers
from ivr.call_log.report import days_before
from ivr.console.changes import change_of
from ivr.console.charts import Bars, svg_of
from ivr.console.drawing import drawing
from ivr.console.menu_visits import visits_on_map
from ivr.console.reports import CHARTS, days_of
from ivr.services import Services
from tests.conftest import ROOT, ZONE
from tests.console.browser import Served, served
from tests.console.practice import drain, fill, telephone

from .conftest import Desk

THIS_WEEK = Days(date(2026, 11, 23), date(2026, 11, 24))  # the console's clock stands at Tuesday, ten o'clock


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("reports")
    shutil.copytree(ROOT / "config", folder / "config")
    with served(folder) as site:
        fill(site)
        yield site


@pytest.fixture(scope="module")
def client(site: Served) -> FlaskClient:
    client = site.app.test_client()
    client.set_cookie("ivr-practice", site.cookie()["value"])
    return client


def page(client: FlaskClient, address: str = "/reports") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.text)


def test_the_cards_are_what_the_call_log_counts(site: Served, client: FlaskClient) -> None:
    found = counts(site.engine, THIS_WEEK, ZONE)
    missed = missed_callers(site.engine, *THIS_WEEK.moments(ZONE))
    assert found.calls == 8
    assert found.answer_rate is not None
    text = page(client)
    cards = re.findall(r'<div class="card figure"><b>([^<]*)</b>', text)
    assert cards[:2] == [str(found.calls), f"{found.answer_rate * 100:.0f} %"]
    assert cards[3] == str(len(missed)) == "1"
    for sentence in (definitions.CALLS, definitions.ANSWER_RATE, definitions.MEDIAN_WAIT, definitions.MISSED):
        assert sentence in text


def test_the_tables_below_the_charts_hold_the_same_figures(client: FlaskClient) -> None:
    text = page(client, "/reports?span=own&first=2026-11-22&last=2026-11-24")
    for label, calls in {
        "9:00": 3,
        "15:00": 1,
        "Mon": 4,
        "23 Nov": 4,
        "Scottsdale": 5,
        "hung up while ringing": 2,
    }.items():
        assert f'<th scope="row">{label}</th><td class="number">{calls}</td>' in text


def test_these_days_stand_beside_the_same_weekdays_before(client: FlaskClient) -> None:
    text = page(client, "/reports?span=own&first=2026-11-24&last=2026-11-24")
    assert '<th scope="col" class="number">24 Nov</th><th scope="col" class="number">17 Nov</th>' in text
    assert '<th scope="row">Calls</th><td class="number">4</td><td class="number">0</td><td>4 more</td>' in text
    assert days_before(Days(date(2026, 11, 1), date(2026, 11, 8))) == Days(date(2026, 10, 18), date(2026, 10, 25))


def test_a_difference_is_told_in_words() -> None:
    assert change_of("Calls", 12, 10).words == "2 more (20 %)"
    assert change_of("Calls", 9, 10).words == "1 fewer (10 %)"
    assert change_of("Calls", 10, 10).words == "the same"
    assert change_of("Rate", 0.81, 0.8, kind="rate").words == "1 point higher"
    assert change_of("Wait", 20.0, 30.0, kind="seconds").words == "10 s shorter (33 %)"
    assert change_of("Wait", None, 30.0, kind="seconds").words == "cannot be compared"


def test_named_spans_are_the_clinics_weeks() -> None:
    today = date(2026, 11, 26)
    assert days_of("this-week", today) == Days(date(2026, 11, 23), today)
    assert days_of("last-week", today) == Days(date(2026, 11, 16), date(2026, 11, 22))
    assert days_of("four-weeks", today) == Days(date(2026, 10, 26), date(2026, 11, 22))


def test_each_chart_of_the_page_is_a_plain_picture(client: FlaskClient) -> None:
    text = page(client, "/reports?span=own&first=2026-11-20&last=2026-11-24")
    pictures = re.findall(r'<img src="(/reports/chart/[^"]+)" alt="([^"]+)"', text)
    assert len(pictures) == len(CHARTS)
    for address, words in pictures:
        assert ": 8 in all, most for " in words
        answer = client.get(address.replace("&amp;", "&"))
        assert answer.mimetype == "image/svg+xml"
        assert "'unsafe-inline'" not in answer.headers["Content-Security-Policy"].split("style-src")[0]
        check_picture(answer.data)


def check_picture(document: bytes) -> None:
    root = ElementTree.fromstring(document)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not tags & {"script", "image", "foreignObject", "a", "link"}
    text = document.decode()
    assert re.findall(r"https?://[^\"']*", text) == ["http://www.w3.org/2000/svg"]
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("calls", [{}, {"one": 0}, {"<b>": 1, "two": 1_234_567}, {str(day): day for day in range(366)}])
@pytest.mark.parametrize("lying", [False, True])
def test_any_figures_make_a_picture(calls: dict[str, int], lying: bool) -> None:
    check_picture(svg_of(Bars("Calls", calls, lying)))


def test_drawing_charts_leaves_python_to_find_modules_as_before() -> None:
    """Pygal's own finder is of the old kind: with it, any module that is not found was met with a warning."""
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)


def test_a_chart_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/reports/chart/secrets.svg").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "span=ever",
        "span=own",
        "span=own&first=2026-11-24",
        "span=own&first=x&last=y",
        "span=own&first=2026-11-24&last=2026-11-23",
        "span=own&first=0001-01-01&last=0001-01-02",
        "span=own&first=9999-12-30&last=9999-12-31",
        "span=own&first=2025-11-24&last=2026-11-25",
        "location=atlantis",
    ],
)
@pytest.mark.parametrize("address", ["/reports", "/reports/chart/day.svg", "/reports.csv"])
def test_what_cannot_be_read_is_a_page_that_says_so(client: FlaskClient, address: str, query: str) -> None:
    assert client.get(f"{address}?{query}").status_code == 400


def test_missed_callers_are_not_counted_for_longer_than_a_month(client: FlaskClient) -> None:
    assert "at most 31 days" not in page(client, "/reports?span=own&first=2026-10-25&last=2026-11-24")
    assert "at most 31 days" in page(client, "/reports?span=own&first=2026-10-24&last=2026-11-24")


def test_one_locations_report_counts_its_calls_alone(site: Served, client: FlaskClient) -> None:
    text = page(client, "/reports?location=gilbert")
    assert f"<b>{counts(site.engine, THIS_WEEK, ZONE, location='gilbert').calls}</b>" in text
    assert "<svg" not in text
    assert "Topics listened to" not in text


def test_days_without_calls_explain_themselves(client: FlaskClient) -> None:
    text = page(client, "/reports?span=own&first=2026-01-05&last=2026-01-11")
    assert "No calls in these days" in text
    assert "<img src" not in text.split("<main", 1)[1]
    assert "The counts show as soon as callers came to a menu" in text


def test_topics_and_languages_are_told(client: FlaskClient) -> None:
    text = page(client)
    assert (
        '<th scope="row">Depression</th><td class="number">1</td><td class="number">0 %</td><td>part 1: 1</td>' in text
    )
    assert '<th scope="row">Spanish</th><td class="number">1</td><td class="number">12 %</td>' in text


def test_the_map_tells_who_came_into_each_menu_and_what_they_chose(site: Served, client: FlaskClient) -> None:
    main = next(each for each in funnels(site.engine, THIS_WEEK) if each.menu == "main")
    text = page(client)
    assert f">{main.visits} came in, {main.hung_up + main.no_input + main.wrong_key} lost</text>" in text
    assert f'text-anchor="end">{main.keys["1"]} · {100 * main.keys["1"] / main.visits:.0f} %</text>' in text
    assert f"chosen {main.keys['1']} times" in text


def test_the_map_goes_on_counting_after_a_publish_and_says_what_is_gone(
    open_desk: Callable[..., Desk], config: Path
) -> None:
    menus = config / "menus.yaml"
    usual = menus.read_text("utf-8")
    menus.write_text(
        usual.replace("  topics:\n", "      5: {label: for_gilbert, to: gilbert}\n\n  topics:\n", 1), "utf-8"
    )
    desk = open_desk()
    fill(desk)
    phone = telephone(desk)
    phone.dial()
    phone.press("5")
    phone.hang_up(seconds=5)
    drain(desk)
    before = map_of(desk)
    assert "key 5" in before
    assert "Earlier versions" not in before
    menus.write_text(usual, "utf-8")
    after = map_of(desk)
    main = re.compile(r"key ([1-4]),[^<]*<strong>[^<]*</strong>[^<]*chosen (\d+) times")
    assert main.findall(after) == main.findall(before) != [], "another version blanks nothing"
    assert any(int(times) for _, times in main.findall(after))
    assert "Earlier versions of the routing are counted in" in after
    assert "1 more visit belongs to menus or keys that are no longer there and does not count here." in after


def map_of(desk: Desk) -> str:
    """The reports of two days in a process that starts on the configuration as it is now."""
    app = create_app(desk.settings, clock=desk.clock, watch=False)
    guest = replace(desk, app=app).signed_in(name=f"boss{len(people(desk.engine))}")
    try:
        return guest.get("/reports?span=own&first=2026-11-23&last=2026-11-24").text
    finally:
        app.extensions["ivr-database"].dispose()


def test_visits_of_all_versions_are_summed_for_the_keys_that_are_there(site: Served) -> None:
    services: Services = site.app.extensions["ivr"]
    routing = services.live.routing()
    found = visits_on_map(
        routing,
        [
            MenuFunnel("main", routing.version, 10, {"1": 5, "0": 1}, 2, 1, 1, 0, 4.0),
            MenuFunnel("main", "an older one", 9, {"1": 2, "8": 4}, 1, 0, 1, 1, 4.0),
            MenuFunnel("a menu of old", "an older one", 3, {"1": 3}, 0, 0, 0, 0, 4.0),
        ],
    )
    assert (found.gone, found.earlier) == (7, True)
    (main,) = found.menus.values()
    assert (main.visits, main.keys, main.otherwise) == (15, {"1": 7, "0": 1}, 1)
    assert (main.hung_up, main.no_input, main.wrong_key) == (3, 1, 2)
    only_here = [MenuFunnel("main", routing.version, 1, {"1": 1}, 0, 0, 0, 0, 4.0)]
    assert not visits_on_map(routing, only_here).earlier


def test_a_drawing_is_one_picture_with_words_for_those_who_listen(site: Served) -> None:
    services: Services = site.app.extensions["ivr"]
    routing = services.live.routing()
    menu = MenuFunnel("main", routing.version, 10, {"1": 5, "3": 1}, 2, 1, 1, 0, 4.0)
    pictures = []
    for counted in ({}, {"main": menu}):
        whole = ElementTree.fromstring(str(drawing(routing, routing.main_line, counted)))
        picture, listed = whole.find(".//svg"), whole.find("details")
        assert picture is not None
        assert listed is not None
        assert picture.get("role") == "img"
        assert picture.findtext("title")
        assert picture.findtext("desc")
        assert not [each for each in whole.iter() if "style" in each.attrib or each.tag == "style"]
        assert len(listed.findall(".//li")) == len(picture.findall(".//g"))
        pictures.append((picture, listed))
    picture, listed = pictures[-1]
    assert [each.get("stroke-width") for each in picture.findall("path")[:1]] == ["5.2"]
    assert "Lost: 2 hung up, 1 said nothing, 1 pressed wrong keys" in "".join(listed.itertext())


def test_what_staff_wrote_cannot_become_part_of_the_page(site: Served) -> None:
    services: Services = site.app.extensions["ivr"]
    routing = services.live.routing()
    languages = dict(routing.languages.items())
    prompts = dict.fromkeys(languages["en-US"].prompts, "<script>alert(1)</script>")
    languages["en-US"] = replace(languages["en-US"], prompts=prompts)
    assert "<script" not in drawing(replace(routing, languages=languages), routing.main_line)


def test_the_file_holds_the_figures_and_is_in_the_audit(site: Served, client: FlaskClient) -> None:
    answer = client.get("/reports.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calls-2026-11-23-to-2026-11-24.csv"'
    rows = {(row["part"], row["name"]): row["figure"] for row in csv.DictReader(io.StringIO(answer.text))}
    found = counts(site.engine, THIS_WEEK, ZONE)
    assert rows["all", "calls"] == str(found.calls)
    assert rows["all", "answer rate"] == f"{found.answer_rate:.4f}"
    assert {name: int(calls) for (part, name), calls in rows.items() if part == "disposition"} == found.by_disposition
    assert sum(int(calls) for (part, _), calls in rows.items() if part == "hour") == found.calls
    deed = deeds(site.engine, limit=1)[0]
    assert (deed.action, deed.about) == ("exported", "figures from 2026-11-23 to 2026-11-24")


def test_the_file_is_for_those_who_may_export(site: Served) -> None:
    token = invite(site.engine, "desk", Role.FRONT_DESK, actor="test", now=site.clock())
    person = accept(site.engine, token, "desk", "a long enough password", site.clock())
    assert person is not None
    client = site.app.test_client()
    client.set_cookie("ivr-practice", begin(site.engine, person, site.clock()))
    assert client.get("/reports.csv").status_code == 403
    assert "Figures as CSV" not in page(client)


def test_the_words_of_dispositions_are_those_of_the_operators_page() -> None:
    table = (ROOT / "docs" / "operations.md").read_text().split("## Dispositions")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z ]+) \| (.+) \|$", table, re.MULTILINE)
    assert dict(rows) == dict(definitions.DISPOSITIONS)
