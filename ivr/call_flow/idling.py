"""A caller who does nothing: whatever the phones do, the call must arrive without going round and round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

Node = TypeVar("Node")


def rounds_and_lengths(
    nodes: Iterable[Node], onward: Callable[[Node], Sequence[Node]]
) -> tuple[list[list[Node]], dict[Node, int]]:
    """The rounds found, each as its nodes in order, and for every node the most steps until nothing follows.

    A round is found wherever there is one, though not every way of going round. Lengths leave out the steps that close
    a round. Depth first, without recursion.
    """
    rounds: list[list[Node]] = []
    longest: dict[Node, int] = {}
    for root in nodes:
        trail = {} if root in longest else {root: list(onward(root))}
        left = {node: list(ways) for node, ways in trail.items()}
        while trail:
            node = next(reversed(trail))
            if not left[node]:
                ways = trail.pop(node)
                del left[node]
                longest[node] = max((longest.get(way, 0) + 1 for way in ways), default=0)
                continue
            way = left[node].pop(0)
            if way in trail:
                walked = list(trail)
                rounds.append(walked[walked.index(way) :])
            elif way not in longest:
                trail[way] = list(onward(way))
                left[way] = list(trail[way])
    return rounds, longest
