"""The list of calls as a file for a spreadsheet, with the filters it shows: masked, streamed, on the record."""

from __future__ import annotations

from itertools import chain

from flask import Response, request

from ivr.accounts.roles import Right
from ivr.call_log.export import Export, What, pages
from ivr.call_log.written import Format

from .calls import asked_in, filters_of
from .door import Door, the_person

FILE_NAME = "calls.csv"


def add(door: Door) -> None:
    """Hang the page."""

    @door.page("/calls.csv", Right.EXPORT)
    def calls_csv() -> Response:
        only = filters_of(door, asked_in(request.args))
        wanted = Export(What.CALLS, only.since, only.until, Format.CSV, door.zone, only=only)
        seal, now = door.services.seal, door.services.clock()
        written = pages(door.engine, seal, wanted, actor=the_person().name, now=now)
        head = next(written)  # a call log that is away is told by a page, not by half a file
        response = Response((text for text, _ in chain((head,), written)), mimetype="text/csv")
        response.headers["Content-Disposition"] = f'attachment; filename="{FILE_NAME}"'
        response.call_on_close(written.close)
        return response
