"""The clinic's own phones by name: those at which somebody of the clinic may be rung."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .model import Destination, HuntGroup, Location, Phone, Routing


def hunt_group_of(place: Destination | None) -> HuntGroup | None:
    """The hunt group that a place is or has; None where it has none of its own."""
    group = place.hunt_group if isinstance(place, Location) else place
    return group if isinstance(group, HuntGroup) else None


def desk_phones(routing: Routing) -> Mapping[str, Phone]:
    """Every enabled phone of the configuration, in its order; of two numbers with one name each gets its place too."""
    found: list[tuple[str, Phone]] = []
    for place in routing.destinations.values():
        group = hunt_group_of(place)
        if group:
            title = place.title if isinstance(place, Location) else group.name
            found += [(title, phone) for phone in group.phones if phone.enabled]
    numbers = Counter(name for name, _ in {(phone.name, phone.number) for _, phone in found})
    return {phone.name if numbers[phone.name] == 1 else f"{phone.name} ({title})": phone for title, phone in found}
