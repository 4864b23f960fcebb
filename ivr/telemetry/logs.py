"""The log: one JSON object a line on standard error, for every logger of the process, gunicorn's own included.

A line names the request and the call it belongs to. Of an exception it tells types and places in our code, never the
message: database drivers and parsers repeat in it what they choked on. Numbers with a + are masked wherever they are.
"""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, TextIO

import structlog

MOST_FRAMES = 12
_PARENT = re.compile(rb"(?:^|&)ParentCallSid=(CA[0-9a-fA-F]{32})(?:&|$)")  # on a callee's leg the patient's call
_CALL = re.compile(rb"(?:^|&)CallSid=(CA[0-9a-fA-F]{32})(?:&|$)")
_NUMBER = re.compile(r"(?:\+|%2[Bb])[0-9][0-9 ().-]{5,18}[0-9]")

Event = MutableMapping[str, Any]


class UnderWay:
    """The request being answered. Its two ids are worked out only when something is logged."""

    __slots__ = ("_request", "body")

    def __init__(self) -> None:
        self.body = b""
        self._request = ""

    @property
    def request(self) -> str:
        self._request = self._request or secrets.token_hex(6)
        return self._request

    @property
    def call(self) -> str:
        """The CallSid in the form, "" when there is none."""
        found = _PARENT.search(self.body) or _CALL.search(self.body)
        return found[1].decode() if found else ""


under_way: ContextVar[UnderWay | None] = ContextVar("under_way", default=None)


@contextmanager
def about(call: str) -> Iterator[None]:
    """Lines logged inside the block name this call."""
    with structlog.contextvars.bound_contextvars(call=call):
        yield


def show_logs(stream: TextIO | None = None) -> logging.Handler:
    """Write every logger's lines to `stream` (standard error) as JSON. Calling it again replaces the earlier one."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(json_formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("ivr").setLevel(logging.INFO)
    return handler


def json_formatter() -> logging.Formatter:
    """Makes one line of JSON of a log record, and of a structlog event."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.ExtraAdder()],
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.CallsiteParameterAdder({structlog.processors.CallsiteParameter.PROCESS}),
            _add_request,
            _tell_exception,
            _mask_numbers,
            structlog.processors.JSONRenderer(),
        ],
    )


def name_of(error: BaseException) -> str:
    """An exception without its message: its type, the database's own code or the system's own words where it has them.

    `OperationalError (ConnectionTimeout)`, `OperationalError (QueryCanceled 57014)`, `OSError (No space left on ...)`.
    """
    driver = getattr(error, "orig", None)
    if driver is not None:
        code = getattr(driver, "sqlstate", None) or getattr(driver, "sqlite_errorname", None) or ""
        return f"{type(error).__name__} ({' '.join(filter(None, (type(driver).__name__, code)))})"
    reason = error.strerror if isinstance(error, OSError) else ""
    return f"{type(error).__name__} ({reason})" if reason else type(error).__name__


def _add_request(_logger: object, _method: str, event: Event) -> Event:
    current = under_way.get()
    if current is not None:
        event.setdefault("request", current.request)
        if current.call:
            event.setdefault("call", current.call)
    return event


def _tell_exception(_logger: object, _method: str, event: Event) -> Event:
    error = event.pop("exc_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is True:
        error = sys.exc_info()[1]
    if isinstance(error, BaseException):
        event["exception"] = name_of(error)
        event["trace"] = _frames(error.__traceback__)
    return event


def _frames(trace: TracebackType | None) -> list[str]:
    """Where it happened, innermost last: module, line and function."""
    frames = []
    while trace is not None:
        frame = trace.tb_frame
        frames.append(f"{frame.f_globals.get('__name__', '?')}:{trace.tb_lineno} {frame.f_code.co_name}")
        trace = trace.tb_next
    return frames[-MOST_FRAMES:]


def _mask_numbers(_logger: object, _method: str, event: Event) -> Event:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = _NUMBER.sub("[number]", value)
    return event
