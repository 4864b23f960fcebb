"""Forms for the draft: a location's hours and closures, phones, sentences, and a file's own text."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.publishing.desk import Desk
from ivr.publishing.difference import text_difference
from ivr.routing.edit import (
    ClosureText,
    PhoneText,
    add_closure,
    change_closure,
    change_phone,
    change_prompt,
    change_week,
    closures_of,
    listed_phones,
    prompts_of,
    remove_closure,
    week_of,
)
from ivr.routing.problems import Problem
from ivr.routing.schema import DAYS
from ivr.routing.splice import CannotEdit, Splice

from .door import Door, answer
from .draft_desk import NOT_TRIED, Attempt, attempt, compiled, problems_in, put_down, shared, the_desk, the_file
from .draft_words import CLINIC, MENUS, locations

SECTIONS = {"locations": CLINIC, "hunt_groups": MENUS}
SAVED = "Saved in the draft. Callers hear it once it is published."


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/routing/draft/hours/<location>", Right.EDIT, methods=("GET", "POST"))
    def draft_hours(location: str) -> Response:
        tried = _hours_saved(door, location) if request.method == "POST" else NOT_TRIED
        if request.method == "POST" and tried.is_done:
            return _saved("console.draft_hours", location=location)
        return _hours(door, location, tried)

    @door.page("/routing/draft/phones", Right.EDIT, methods=("GET", "POST"))
    def draft_phones() -> Response:
        tried = _phone_saved(door) if request.method == "POST" else NOT_TRIED
        if request.method == "POST" and tried.is_done:
            return _saved("console.draft_phones")
        return _phones(door, tried)

    @door.page("/routing/draft/prompts/<code>", Right.EDIT, methods=("GET", "POST"))
    def draft_prompts(code: str) -> Response:
        file, name, text = f"prompts/{code}.yaml", request.form.get("name", ""), request.form.get("text", "")
        if request.method == "GET":
            return _prompts(door, code, NOT_TRIED)
        tried = attempt(door, file, partial(change_prompt, name=name, text=text, limits=door.examiner.limits))
        if tried.is_done:
            return _saved("console.draft_prompts", code=code, find=request.args.get("find"), _anchor=name)
        return _prompts(door, code, tried)

    @door.page("/routing/draft/file/<path:name>", Right.EDIT, methods=("GET", "POST"))
    def draft_file(name: str) -> Response:
        there = the_file(the_desk(door), name)
        if request.method == "GET":
            return _file(door, name, there.decode(), NOT_TRIED)
        newline = "\r\n" if b"\r\n" in there else "\n"
        text = newline.join(request.form.get("text", "").replace("\r\n", "\n").split("\n"))
        tried = put_down(door, name, text.encode())
        return _saved("console.draft_file", name=name) if tried.is_done else _file(door, name, text, tried)


def _saved(endpoint: str, **values: Any) -> Response:
    flash(SAVED)
    return redirect(url_for(endpoint, **values), 303)


# Hours and closures. --------------------------------------------------------------------------------------------------


def _hours_saved(door: Door, location: str) -> Attempt:
    form, limits = request.form, door.examiner.limits
    index = int(form["index"]) if form.get("index", "").isascii() and form.get("index", "").isdigit() else -1
    week = {day: form.get(day, "") for day in DAYS}
    edits = {
        "week": partial(change_week, location=location, week=week, limits=limits),
        "add": partial(add_closure, closure=_typed_closure(), limits=limits),
        "change": partial(change_closure, index=index, closure=_typed_closure(), limits=limits),
        "remove": partial(remove_closure, index=index, limits=limits),
    }
    edit = edits.get(form.get("do", ""))
    return attempt(door, CLINIC, edit) if edit else abort(400)


def _typed_closure() -> ClosureText:
    form = request.form
    where = (form["where"],) if form.get("where") else ()
    return ClosureText(form.get("name", ""), form.get("date", ""), form.get("hours", ""), where)


def _hours(door: Door, location: str, tried: Attempt) -> Response:
    draft, limits = the_desk(door), door.examiner.limits
    file = the_file(draft, CLINIC)
    titles = locations(draft.files, limits)
    try:
        week, closures = week_of(file, location, limits), closures_of(file, limits)
    except CannotEdit as fault:
        return _unreadable(door, draft, CLINIC, fault)
    if location not in titles:
        abort(404)
    do = request.form.get("do", "")
    page = render_template(
        "draft_hours.html",
        **{**shared(door, draft, CLINIC, tried), "problems": compiled(door, draft.files).problems},
        location=location,
        titles=titles,
        week=week,
        typed_week={day: request.form.get(day, "") for day in DAYS} if do == "week" else week,
        closures=list(enumerate(closures)),
        typed=_typed_closure() if do in ("add", "change") else ClosureText("", "", "", (location,)),
        do=do,
        index=request.form.get("index", ""),
    )
    return answer(page, tried.status)


# Phones. --------------------------------------------------------------------------------------------------------------


def _phone_saved(door: Door) -> Attempt:
    form, section = request.form, request.form.get("section", "")
    index = form.get("index", "")
    if section not in SECTIONS or not (index.isascii() and index.isdigit()):
        abort(400)
    typed = _typed_phone(section, int(index))
    try:
        countries = Splice(the_file(the_desk(door), CLINIC), door.examiner.limits).found("clinic", "countries")
    except CannotEdit as fault:
        return Attempt({"": fault.sentence})
    listed = [countries] if isinstance(countries, str) else countries or ["US"]
    edit = partial(change_phone, phone=typed, countries=tuple(map(str, listed)), limits=door.examiner.limits)
    return attempt(door, SECTIONS[section], edit)


def _typed_phone(section: str, index: int) -> PhoneText:
    form = request.form
    return PhoneText(
        (section, form.get("group", "")),
        index,
        form.get("phone", ""),
        form.get("number", ""),
        form.get("ring_seconds", ""),
        enabled="enabled" in form,
    )


def _phones(door: Door, tried: Attempt) -> Response:
    draft, limits = the_desk(door), door.examiner.limits
    titles = locations(draft.files, limits)
    groups: list[tuple[str, str, list[PhoneText]]] = []
    for section, file in SECTIONS.items():
        try:
            found = listed_phones(the_file(draft, file), section, limits)
        except CannotEdit as fault:
            return _unreadable(door, draft, file, fault)
        groups += [
            (file, titles.get(name) or name.replace("_", " ").capitalize(), phones) for name, phones in found.items()
        ]
    section = request.form.get("section", "")
    typed = _typed_phone(section, int(request.form["index"])) if section in SECTIONS else None
    seen = {file: shared(door, draft, file)["seen"] for file in SECTIONS.values()}
    page = {**shared(door, draft, tried=tried), "problems": compiled(door, draft.files).problems}
    return answer(render_template("draft_phones.html", **page, groups=groups, typed=typed, marks=seen), tried.status)


# Sentences. -----------------------------------------------------------------------------------------------------------


def _prompts(door: Door, code: str, tried: Attempt) -> Response:
    draft, file, limits = the_desk(door), f"prompts/{code}.yaml", door.examiner.limits
    try:
        prompts = prompts_of(the_file(draft, file), limits)
    except CannotEdit as fault:
        return _unreadable(door, draft, file, fault)
    find, name = request.args.get("find", "").strip(), request.form.get("name", "")
    shown = {
        key: text
        for key, text in prompts.items()
        if find.casefold() in f"{key} {key.replace('_', ' ')} {text}".casefold() or key == name
    }
    found: dict[str, list[Problem]] = {}
    for problem in problems_in(door, draft.files, file):
        found.setdefault(next((part for part in problem.path if part in prompts), ""), []).append(problem)
    page = shared(door, draft, file, tried)
    texts = {"typed": request.form.get("text", ""), "name": name, "find": find, "code": code}
    page |= {"prompts": shown, "found": found, "count": len(prompts), "problems": found.get("", [])}
    return answer(render_template("draft_prompts.html", **page, **texts), tried.status)


# A file's own text. ---------------------------------------------------------------------------------------------------


def _file(door: Door, name: str, text: str, tried: Attempt) -> Response:
    draft = the_desk(door)
    lines = draft.files[name].decode().splitlines()
    theirs = text_difference({name: text.encode()}, {name: tried.conflict.theirs}) if tried.conflict else ""
    page = render_template(
        "draft_file.html",
        **shared(door, draft, name, tried),
        text=text,
        lines=lines,
        theirs=theirs.splitlines(),
        names=sorted(draft.files),
    )
    return answer(page, tried.status)


def _unreadable(door: Door, draft: Desk, file: str, fault: CannotEdit) -> Response:
    """A form cannot show what cannot be read: its text can."""
    flash(f"{file}: {fault.sentence}")
    return redirect(url_for("console.draft_file", name=file), 303)
