"""Bars as SVG documents of their own, shown as images: calm in light and dark, without script and without addresses."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

import pygal
from pygal.style import Style

# Pygal leaves a finder of the old kind for its maps, which warns wherever some module is not found. No maps are drawn.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

WIDE, HIGH = 480, 220
BAR_HIGH = 30  # of a bar that lies
MOST_FIGURES, MOST_NAMES = 8, 8  # that find room above and below standing bars
SVG = "{http://www.w3.org/2000/svg}"
# An image is a page of its own: it knows whether the reader's system is dark, but not the style sheet of our pages.
LOOK = """
svg { --ink: #56656a; --line: #e4dfd6; --bar: #2f7f77; }
@media (prefers-color-scheme: dark) { svg { --ink: #b4c0c3; --line: #34424a; --bar: #6fbfb3; } }
text { fill: var(--ink); font: 13px "Inter", "Segoe UI", system-ui, -apple-system, "Helvetica Neue", sans-serif; }
rect.background { fill: none; }
path { fill: none; stroke: none; }
.guides path { stroke: var(--line); }
.axis.x .guides path, .horizontal .guides path { stroke: none; }
.axis.y text { text-anchor: end; }
.axis.x text { text-anchor: middle; }
.rect { fill: var(--bar); }
.text-overlay text { text-anchor: middle; font-weight: 600; }
.horizontal ~ .text-overlay text, .horizontal .text-overlay text { text-anchor: start; }
"""


@dataclass(frozen=True, slots=True)
class Bars:
    """What a chart shows: a number for each name, in order. With `lying` there is a line for each, for long names."""

    title: str
    calls: Mapping[str, int]
    lying: bool = False

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def in_words(self) -> str:
        """What the chart shows, for those who do not see it."""
        if not self.total:
            return f"{self.title}: none."
        name, most = max(self.calls.items(), key=lambda item: item[1])
        return f"{self.title}: {self.total:,} in all, most for {name} ({most:,}). The figures are in the table below."


def svg_of(bars: Bars) -> bytes:
    """The chart as an SVG document."""
    chart = _lying(bars) if bars.lying else _standing(bars)
    return _plain(chart.render_tree(), bars.title)


def _options(bars: Bars) -> dict[str, object]:
    return {
        "js": [],
        "css": [],
        "style": Style(label_font_size=13, major_label_font_size=13, value_font_size=13),
        "width": WIDE,
        "show_legend": False,
        "margin": 10,
        "rounded_bars": 3,
        "truncate_label": -1,
        "print_values": bars.lying or len(bars.calls) <= MOST_FIGURES,
        "print_values_position": "top",
        "value_formatter": lambda value: f"{value:,.0f}",
    }


def _standing(bars: Bars) -> pygal.Bar:
    """Names below bars, as many as there is room for."""
    scale = _scale(max(bars.calls.values(), default=0))
    chart = pygal.Bar(**_options(bars), height=HIGH, spacing=6, range=(0, scale[-1]), y_labels=scale)
    every = max(1, -(-len(bars.calls) // MOST_NAMES))
    chart.x_labels = [name if number % every == 0 else "" for number, name in enumerate(bars.calls)]
    chart.add("", [*bars.calls.values()])
    return chart


def _lying(bars: Bars) -> pygal.HorizontalBar:
    """Names beside bars, the first on top, and figures at their ends, with room for the longest."""
    room = (0, max([*bars.calls.values(), 1]) * 1.15)
    high = 20 + BAR_HIGH * max(len(bars.calls), 1)
    chart = pygal.HorizontalBar(**_options(bars), height=high, range=room, show_x_labels=False)
    chart.x_labels = [*bars.calls][::-1]
    chart.add("", [*bars.calls.values()][::-1])
    return chart


def _scale(most: int) -> list[int]:
    """A few round numbers from nothing to at least the most."""
    step = next(size * 10**power for power in range(12) for size in (1, 2, 5) if size * 10**power * 4 >= most)
    return [step * number for number in range(-(-max(most, 1) // step) + 1)]


def _plain(root: ElementTree.Element, title: str) -> bytes:
    """Only what is drawn: no script, no comment, no hidden words, our look instead of the library's."""
    for parent in list(root.iter()):
        for child in list(parent):
            kind = child.tag if isinstance(child.tag, str) else ""
            if not kind or kind.rpartition("}")[2] in ("script", "style", "desc", "title"):
                parent.remove(child)
            child.attrib.pop("style", None)
    name = ElementTree.Element("title")
    name.text = title
    look = ElementTree.Element("style")
    look.text = LOOK
    root[:0] = [name, look]
    return bytes(ElementTree.tostring(root, encoding="utf-8"))
