"""The clinic's own time zone, for everything that is told by its clock: hours, stories, reports, exports."""

from __future__ import annotations

import zoneinfo
from functools import cache
from zoneinfo import ZoneInfo

from ivr.call_flow.model import Location, Routing


@cache  # it walks the whole folder of time zones
def time_zones() -> frozenset[str]:
    """The names of all time zones."""
    return frozenset(zoneinfo.available_timezones())


def clinic_zone(routing: Routing) -> ZoneInfo:
    """The zone that `time_zone` in clinic.yaml names; UTC for a routing without any location."""
    places = (place for place in routing.destinations.values() if isinstance(place, Location))
    return ZoneInfo(next((place.schedule.zone for place in places), "UTC"))
