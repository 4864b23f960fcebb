"""The call tree of a line as a drawing, and as a list for those who listen to pages or have little room."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ivr.call_flow.model import Line, Routing
from ivr.call_flow.tree import Spot, Tree, tree_of
from ivr.call_log.funnel import MenuFunnel

LINE_HEIGHT = 17
BOX, SPACE = 180, 132  # the width of a box, and that between two columns
EDGE = 8
FLAT = 108  # the straight end of a branch, which carries its words
WIDEST = 26  # letters that fit into a box
WORDS = 17  # letters that fit on a branch
THIN, THICK = 1.5, 9.0


@dataclass(frozen=True, slots=True)
class _Share:
    """How many took a branch, out of those who came to where it begins."""

    chosen: int
    of: int

    @property
    def part(self) -> float:
        return self.chosen / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.chosen:,} · {self.part * 100:.0f} %"


def drawing(routing: Routing, line: Line, counts: Mapping[str, MenuFunnel] | None = None) -> Markup:
    """What callers of a line can meet, as SVG within a box that scrolls, and as a list to open below it.

    `counts` are visits by the menu's name: each menu then tells how many came in and were lost, and each key how many
    chose it.
    """
    told = {name: _told(funnel) for name, funnel in (counts or {}).items()}
    tree = tree_of(routing, line, told)
    label = f"What callers of the line {line.name} can meet"
    return Markup(
        '<div class="tree"><div class="tree-box" tabindex="0" role="region" aria-label="{label}">{svg}</div>'
        '<details><summary>The same as text<span class="visually-hidden">: {label}</span></summary>{text}</details>'
        "</div>"
    ).format(label=label, svg=_svg(tree, label, counts or {}), text=_listed(tree, counts or {}))


def _told(funnel: MenuFunnel) -> tuple[str, ...]:
    return (f"{funnel.visits:,} came in, {_lost(funnel):,} lost",)


def _lost(funnel: MenuFunnel) -> int:
    return funnel.hung_up + funnel.no_input + funnel.wrong_key


def _share(tree: Tree, spot: Spot, counts: Mapping[str, MenuFunnel]) -> _Share | None:
    """How many took the way to a spot; None where nobody counts."""
    if spot.parent is None or spot.way is None or not spot.way.key:
        return None
    funnel = counts.get(tree.spots[spot.parent].name)
    return _Share(funnel.keys.get(spot.way.key, 0), funnel.visits) if funnel else None


def _svg(tree: Tree, label: str, counts: Mapping[str, MenuFunnel]) -> Markup:
    wide = tree.columns * BOX + (tree.columns - 1) * SPACE + 2 * EDGE
    high = round(tree.height * LINE_HEIGHT) + 2 * EDGE
    size = Markup('width="{0}" height="{1}" viewBox="0 0 {0} {1}"').format(wide, high)
    told = f"{len(tree.spots)} boxes from left to right, joined by the keys that callers press. The list below says it."
    branches = Markup("").join(_branch(tree, spot, _share(tree, spot, counts)) for spot in tree.spots)
    boxes = Markup("").join(_box(spot) for spot in tree.spots)
    return Markup('<svg role="img" {size}><title>{label}</title><desc>{told}</desc>{branches}{boxes}</svg>').format(
        size=size, label=label, told=told, branches=branches, boxes=boxes
    )


def _x(spot: Spot) -> int:
    return EDGE + spot.column * (BOX + SPACE)


def _y(spot: Spot) -> float:
    return round(EDGE + spot.middle * LINE_HEIGHT, 1)


def _branch(tree: Tree, spot: Spot, share: _Share | None) -> Markup:
    """The line that leads to a spot, its key in a ring and its words or its count above."""
    if spot.parent is None or spot.way is None:
        return Markup("")
    start, end, y0, y1 = _x(tree.spots[spot.parent]) + BOX, _x(spot), _y(tree.spots[spot.parent]), _y(spot)
    flat, bend = end - FLAT, (start + end - FLAT) // 2
    width = THIN if share is None else round(THIN + (THICK - THIN) * share.part, 1)
    line = Markup(
        '<path class="tree-branch{none}" fill="none" stroke-width="{width}" '
        'd="M{start} {y0}C{bend} {y0} {bend} {y1} {flat} {y1}H{end}"/>'
    ).format(
        none=" tree-none" if share and not share.chosen else "",
        width=width, start=start, y0=y0, bend=bend, y1=y1, flat=flat, end=end,
    )  # fmt: skip
    key = Markup("")
    if spot.way.key:
        wide = 22 + 8 * (len(spot.way.key) - 1)
        key = Markup(
            '<rect class="tree-key" x="{x}" y="{y}" width="{wide}" height="22" rx="11"/>'
            '<text class="tree-digit" x="{mid}" y="{base}" text-anchor="middle">{key}</text>'
        ).format(x=flat, y=y1 - 11, wide=wide, mid=flat + wide / 2, base=y1 + 4.5, key=spot.way.key)
    words = (str(share) if share else "") if spot.way.key else _cut(spot.way.words, WORDS)
    above = y1 - width / 2 - 5
    return (
        line
        + key
        + Markup('<text class="tree-words" x="{x}" y="{y}" text-anchor="end">{words}</text>').format(
            x=end - 5, y=round(above, 1), words=words
        )
    )


def _box(spot: Spot) -> Markup:
    """A rounded box with a title and lines below it. What is cut to fit stands in full in its own title."""
    x, high = _x(spot), round(spot.size * LINE_HEIGHT, 1)
    top = round(_y(spot) - high / 2, 1)
    first = top + LINE_HEIGHT * 1.2
    texts = [
        Markup('<text class="{kind}" x="{x}" y="{y}">{text}</text>').format(
            kind="tree-line" if number else "tree-title", x=x + 14, y=round(first + number * LINE_HEIGHT, 1),
            text=_cut(text, WIDEST + 2 if number else WIDEST - 2),
        )
        for number, text in enumerate((spot.title, *spot.lines))
    ]  # fmt: skip
    kind = spot.kind.replace(" ", "-")
    return Markup(
        '<g class="tree-spot {again}of-{kind}"><title>{full}</title>'
        '<rect x="{x}" y="{top}" width="{wide}" height="{high}" rx="10"/>{texts}</g>'
    ).format(
        again="tree-again " if spot.again else "", kind=kind, full=_full(spot), x=x, top=top, wide=BOX, high=high,
        texts=Markup("").join(texts),
    )  # fmt: skip


def _full(spot: Spot) -> str:
    if spot.again:
        return f"{spot.title}, told in full elsewhere in this drawing"
    return ". ".join((spot.title, *spot.lines))


def _cut(text: str, letters: int) -> str:
    return text if len(text) <= letters else f"{text[: letters - 1].rstrip(' ,')}…"


def _listed(tree: Tree, counts: Mapping[str, MenuFunnel]) -> Markup:
    """The spots as lists within lists, written one after another: a tree of any depth."""
    return Markup("").join(_items(tree, counts))


def _items(tree: Tree, counts: Mapping[str, MenuFunnel]) -> Iterator[Markup]:
    open_lists = 0
    for spot in tree.spots:
        if spot.column >= open_lists:
            yield Markup("<ul>")
            open_lists += 1
        else:
            yield Markup("</li>") + Markup("</ul></li>") * (open_lists - spot.column - 1)
            open_lists = spot.column + 1
        yield Markup("<li>{way}<strong>{title}</strong>{told}").format(
            way=_way(spot), title=spot.title, told=_told_in_text(tree, spot, counts)
        )
    yield Markup("</li></ul>") * open_lists


def _way(spot: Spot) -> str:
    if spot.way is None:
        return ""
    said: Sequence[str] = [f"key {spot.way.key}"] if spot.way.key else []
    return ", ".join([*said, *([spot.way.words] if spot.way.words else [])]) + ": "


def _told_in_text(tree: Tree, spot: Spot, counts: Mapping[str, MenuFunnel]) -> str:
    told = [", told elsewhere in this list" if spot.again else f" ({'; '.join(spot.lines)})"]
    share = _share(tree, spot, counts)
    if share:
        told.append(f", chosen {share.chosen:,} times, {share.part * 100:.0f} %")
    funnel = None if spot.again else counts.get(spot.name)
    if funnel:
        lost = f"{funnel.hung_up:,} hung up, {funnel.no_input:,} said nothing, {funnel.wrong_key:,} pressed wrong keys"
        told.append(f". Lost: {lost}")
    return "".join(told)
