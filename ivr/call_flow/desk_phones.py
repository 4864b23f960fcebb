"""The clinic's own phones by name: those at which somebody of the clinic may be rung."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from .model import HuntGroup, Location, Phone, Routing


def desk_phones(routing: Routing) -> Mapping[str, Phone]:
    """Every enabled phone of the configuration, in its order; of two numbers with one name each gets its place too."""
    found: list[tuple[str, Phone]] = []
    for place in routing.destinations.values():
        group = place.hunt_group if isinstance(place, Location) else place
        if isinstance(group, HuntGroup):
            title = place.title if isinstance(place, Location) else group.name
            found += [(title, phone) for phone in group.phones if phone.enabled]
    numbers = Counter(name for name, _ in {(phone.name, phone.number) for _, phone in found})
    return {phone.name if numbers[phone.name] == 1 else f"{phone.name} ({title})": phone for title, phone in found}
