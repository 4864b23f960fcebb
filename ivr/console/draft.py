"""The draft: what it would change for callers, whether it passes, and making it live."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ivr.accounts.roles import Right
from ivr.publishing.desk import Desk, discard, follow, here, publish_desk
from ivr.publishing.difference import difference, text_difference
from ivr.publishing.examination import Examination
from ivr.publishing.publish import Outcome, Overtaken, Refused, Unchanged
from ivr.publishing.set_back import set_back
from ivr.publishing.versions import Publication, files_of
from ivr.routing.compile import version_of
from ivr.routing.story_folder import read_stories

from .door import Door, answer, the_person
from .draft_desk import compiled, found, is_different, routing_of, shared, the_desk
from .draft_words import DOORS_IN, Way, ways

LONGEST_MESSAGE = 500


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a button: a sentence, the reasons below it, and whether all is well."""

    sentence: str
    reasons: tuple[str, ...] = ()
    is_well: bool = False


def add(door: Door) -> None:
    """Hang the pages."""

    @door.page("/routing/draft", Right.EDIT)
    def draft() -> str:
        return _page(door, the_desk(door))

    @door.page("/routing/draft/editors", Right.EDIT)
    def draft_editors() -> str:
        others = here(door.engine, the_person().name, door.services.clock())
        return render_template("draft_editors.html", others=others)

    @door.page("/routing/draft/check", Right.EDIT, methods=("POST",))
    def draft_check() -> str:
        there = the_desk(door)
        return _page(door, there, _verdict(_examined(door, there)))

    @door.page("/routing/draft/publish", Right.EDIT, methods=("POST",))
    def draft_publish() -> Response:
        there, message = the_desk(door), " ".join(request.form.get("message", "").split())[:LONGEST_MESSAGE]
        if not message:
            return answer(_page(door, there, Told("Say in a few words what changes. Nothing was published.")), 422)
        if request.form.get("version") != version_of(there.files):
            told = Told("The draft has changed since you looked. Look again, then publish.")
            return answer(_page(door, there, told, message=message), 409)
        outcome = publish_desk(
            door.engine,
            there,
            _examined(door, there),
            author=the_person().name,
            message=message,
            now=door.services.clock(),
        )
        return _came_out(door, there, outcome, message)

    _add_ways_back(door)


def _add_ways_back(door: Door) -> None:
    @door.page("/routing/draft/discard", Right.EDIT, methods=("POST",))
    def draft_discard() -> Response:
        done = discard(door.engine, actor=the_person().name, now=door.services.clock())
        flash("The draft is what is live again." if done else "There was nothing to discard.")
        return redirect(url_for("console.draft"), 303)

    @door.page("/routing/draft/follow/<int:number>", Right.EDIT, methods=("POST",))
    def draft_follow(number: int) -> Response:
        both = follow(door.engine, found(door), seen=number, actor=the_person().name, now=door.services.clock())
        kept = (
            f" In {' and '.join(both)} both have changed something: your text is kept. Look at the difference."
            if both
            else ""
        )
        flash(f"The draft continues on what is live now.{kept}")
        return redirect(url_for("console.draft"), 303)


def _page(door: Door, draft: Desk, told: Told | None = None, *, message: str = "") -> str:
    checked = compiled(door, draft.files)
    live = files_of(door.engine, draft.live.number) if draft.live else draft.began
    before = routing_of(door, live)
    changes = difference(before, checked.routing, door.now()) if before and checked.routing else None
    return render_template(
        "draft.html",
        **{**shared(door, draft), "problems": checked.problems},
        ways=_ways(door, draft),
        is_sound=checked.routing is not None,
        changes=changes,
        lines=text_difference(live, draft.files).splitlines(),
        version=version_of(draft.files),
        told=told,
        message=message,
        can_try=checked.routing is not None and is_different(draft),
        can_publish=version_of(live) != version_of(draft.files) or draft.live is None,
    )


def _ways(door: Door, draft: Desk) -> list[Way]:
    return ways(draft.files, door.examiner.limits)


def _examined(door: Door, draft: Desk) -> Examination:
    """The checks, the proof and the stories beside config/ on this machine. It takes seconds."""
    settings, examiner = door.services.settings, replace(door.examiner, folder="")
    stories, unreadable = read_stories(settings.config, examiner.limits)
    return examiner.examine(draft.files, stories, door.services.clock(), unreadable=unreadable)


def _verdict(examination: Examination) -> Told:
    if examination.passed:
        count = f"{examination.stories} {'story' if examination.stories == 1 else 'stories'}"
        return Told(f"It passes: the checks, the proof and {count}. It may be published.", is_well=True)
    return Told("It does not pass, so it cannot be published yet.", tuple(examination.reasons()))


def _came_out(door: Door, draft: Desk, outcome: Outcome, message: str) -> Response:
    match outcome:
        case Publication():
            flash(f"Version {outcome.number} is live. Calls under way finish on the version they began with.")
            _bring_config_along(door, draft)
            return redirect(url_for("console.draft"), 303)
        case Unchanged(live):
            flash(f"Nothing to publish: the draft is what is live already, version {live.number}.")
            return redirect(url_for("console.draft"), 303)
        case Refused(examination):
            told = Told("Not published: nothing changed for callers.", tuple(examination.reasons()))
            return answer(_page(door, draft, told, message=message), 422)
        case Overtaken(by):
            sentence = f"Not published: {by.actor} published version {by.number} meanwhile. Your draft is as it was."
            return answer(_page(door, the_desk(door), Told(sentence), message=message), 409)


def _bring_config_along(door: Door, draft: Desk) -> None:
    """Where edits of config/ publish themselves, its files must not be older than what was just published."""
    settings = door.services.settings
    if not settings.autopublish:
        return
    try:
        kept = set_back(settings.config, settings.data, draft.files, door.examiner.limits, door.now())
    except OSError:
        flash(f"{DOORS_IN} It could not be written, so its older files may become live at the next start.")
        return
    if kept:
        flash(f"The files in config/ hold it too. What stood there before is in {kept}.")
