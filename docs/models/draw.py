"""Draws the figures of the pages in this folder, and writes the tables that stand in them: `python -m docs.models.draw`."""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from docs.models.shown import HERE, PAGES, Curve, Page, Panel, panels_of, text_of
from sim.kinds import Floats
from sim.measures.base import GREY, INK, calm, heading, remark

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BEGIN, END = "<!-- figures of the model -->", "<!-- end of the figures -->"
"""Marks between which a page holds its figure and the numbers of it."""


def draw(page: Page, panels: Sequence[Panel], path: Path) -> None:
    """Draw the figure of a page into a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12.6, 5.0), dpi=110)
    heading(figure, page.title, page.subtitle)
    left, right, gap = 0.055, 0.985, 0.032
    width = (right - left - gap * (len(panels) - 1)) / len(panels)
    for number, panel in enumerate(panels):
        few = "o" if len(panel.x) < 14 and np.diff(panel.x).min() > 0.0 else ""
        axes = figure.add_axes((left + number * (width + gap), 0.205, width, 0.545))
        framed(axes, panel, first=number == 0)
        for index, curve in enumerate(panel.curves):
            again = any(np.allclose(curve.p, other.p, atol=0.004) for other in panel.curves[:index])
            dash = (0, (3, 2.4)) if again else "solid"
            axes.plot(panel.x, ended(curve.p), color=curve.thing.colour, ls=dash, lw=2.4, marker=few, ms=5, zorder=3, clip_on=False)
        named(axes, panel, width * figure.get_figwidth(), 0.545 * figure.get_figheight())
    remark(figure, f"{page.source} Computed by the sensor's own sight, for the scenario lines of the page.")
    figure.savefig(path, metadata={"Software": None})


def framed(axes: "Axes", panel: Panel, first: bool) -> None:
    """Prepare axes of chances in percent."""
    from matplotlib.ticker import MaxNLocator

    calm(axes)
    axes.set_title(panel.title, loc="left", size=11, color=INK, weight="bold", pad=8)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks(np.linspace(0.0, 1.0, 5), [f"{tick} %" if first else "" for tick in range(0, 101, 25)])
    axes.set_xlabel(panel.axis, color=GREY, size=9.5)
    axes.tick_params(axis="x", pad=6)
    if panel.axis.startswith("m of"):
        axes.set_xscale("log")
        ticks = [tick for tick in (0.15, 0.3, 0.5, 1.0, 3.0, 10.0) if panel.x[0] <= tick <= panel.x[-1]]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
    elif panel.axis == "month":
        axes.set_xticks(panel.x, list("JFMAMJJASOND"))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10], integer=panel.x[-1] > 3.0))
    axes.set_xlim(panel.x[0], panel.x[-1])
    axes.axhline(0.5, color="#b9b6ac", lw=1.0, zorder=1)


def ended(p: Floats) -> Floats:
    """Return a curve that is not drawn where nothing more comes; whole, where it is nowhere above nothing."""
    some = np.flatnonzero(p > 0.0)
    last = int(some[-1]) + 2 if len(some) else len(p)
    return np.where(np.arange(len(p)) < last, p, np.nan)


def named(axes: "Axes", panel: Panel, width_in: float, height_in: float) -> None:
    """Write the name of each curve beside it, where it covers no other and no name: the best of many places that are tried."""
    from matplotlib.patheffects import withStroke

    across = axes.transAxes.inverted().transform(axes.transData.transform(np.stack([panel.x, 0.0 * panel.x], axis=1)))[:, 0]
    ways = [anchors(across, ended(curve.p), width_in, height_in) for curve in panel.curves]
    boxes: list[Box] = []
    for curve, way in zip(panel.curves, ways, strict=True):
        wide, high = 0.074 * len(curve.thing.name) / width_in, 0.17 / height_in
        tried = [
            (Box(x, y, x + wide, y + high), (at, level), aside)
            for at, level in way[::2].tolist()
            for aside in (0.05, 0.25, 0.5, 0.75)
            for x in (at + aside / width_in, at - aside / width_in - wide, at - wide / 2)
            for y in (level + 0.02, level - 0.02 - high, level - high / 2)
            if x >= 0.0 and x + wide <= 1.05 and y >= 0.012 and y + high <= 1.0
        ]
        others = [other for other in ways if other is not way]
        costs = [cost(box, foot[1], way, others, boxes) + 8.0 * aside for box, foot, aside in tried]
        box, (at, level), aside = tried[int(np.argmin(costs))]
        boxes.append(box)
        if aside > 0.1:
            end = box.left - 0.01 if box.left > at else box.right + 0.01
            axes.plot([at, end], [level, (box.low + box.top) / 2], color=curve.thing.colour, lw=0.8, zorder=2, transform=axes.transAxes)
        text = axes.text(box.left, (box.low + box.top) / 2, curve.thing.name, color=curve.thing.colour, size=10, va="center", zorder=5)
        text.set(transform=axes.transAxes, path_effects=[withStroke(linewidth=3.0, foreground="white")])


def anchors(across: Floats, p: Floats, width_in: float, height_in: float) -> Floats:
    """Return points of a curve in parts of the axes, evenly spread along it, steep parts too. Shape (300, 2)."""
    drawn = ~np.isnan(p)
    x, y = across[drawn], p[drawn]
    way = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x) * width_in, np.diff(y) * height_in))])
    even = np.linspace(0.0, way[-1], 300)
    return np.stack([np.interp(even, way, x), np.interp(even, way, y)], axis=1)


class Box(NamedTuple):
    """Where a name stands, in parts of the axes."""

    left: float
    low: float
    right: float
    top: float


def cost(box: Box, level: float, own: Floats, others: Sequence[Floats], boxes: Sequence[Box]) -> float:
    """Return how bad a place for the name of a curve is: what it covers, how near other curves are, how far from the middle it stands."""

    def points(way: Floats, pad: float) -> int:
        x, y = way.T
        inside = (x > box.left - pad) & (x < box.right + pad) & (y > box.low - pad) & (y < box.top + pad)
        return int(inside.sum())

    covered = 30.0 * sum(points(way, 0.004) > 0 for way in (own, *others)) + 3.0 * sum(points(way, 0.035) > 0 for way in others)
    meets = sum(
        box.left < old.right + 0.02 and box.right + 0.02 > old.left and box.low < old.top + 0.01 and box.top + 0.01 > old.low
        for old in boxes
    )
    ruled = 1.0 if box.low < 0.5 < box.top else 0.0
    return covered + 100.0 * meets + ruled + (2.0 if level < 0.04 else 0.0) + abs(level - 0.6)


# What the pages tell of the figures


def block(page: Page, panels: Sequence[Panel]) -> str:
    """Return the picture of a page and the numbers that it tells of it, between two marks."""
    by_range = [panel for panel in panels if not panel.told]
    lines = [BEGIN, f"![{page.title}]({page.name}.png)", ""]
    if by_range:
        names = list(dict.fromkeys(curve.thing.name for panel in by_range for curve in panel.curves))
        lines += table(
            ["half are found to (best chance)", *(panel.title for panel in by_range)], [[name, *reached(by_range, name)] for name in names]
        )
    for panel in panels:
        if panel.told:
            rows = [[curve.thing.name, *(share(at(panel, curve, place)) for place in panel.told)] for curve in panel.curves]
            lines += table([f"{panel.title}: {panel.axis}", *(f"{place:g}" for place in panel.told)], rows)
    return "\n".join([*lines, END])


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table of the page, line by line."""
    return [f"| {' | '.join(head)} |", f"| --- {'| ---: ' * (len(head) - 1)}|", *(f"| {' | '.join(row)} |" for row in rows), ""]


def reached(panels: Sequence[Panel], name: str) -> list[str]:
    """Return how far half of a thing is found in each panel, and the best chance that it has there."""
    cells = []
    for panel in panels:
        mine = [curve for curve in panel.curves if curve.thing.name == name]
        cells.append(f"{distance(reaches(panel, mine[0], 0.5))} ({share(float(mine[0].p.max()))})" if mine else "")
    return cells


def at(panel: Panel, curve: Curve, place: float) -> float:
    """Return the chance at a place of the axis."""
    return float(np.interp(place, panel.x, curve.p))


def reaches(panel: Panel, curve: Curve, level: float) -> float:
    """Return how far out a chance still stands, `nan` if it nowhere does."""
    above = np.flatnonzero(curve.p >= level)
    if not len(above):
        return float("nan")
    last = int(above[-1])
    if last == len(panel.x) - 1:
        return float(panel.x[-1])
    low, high = float(curve.p[last + 1]), float(curve.p[last])
    return float(panel.x[last] + (high - level) / (high - low) * (panel.x[last + 1] - panel.x[last]))


def share(p: float) -> str:
    """Return a chance in percent."""
    return f"{100 * p + 0.0:.0f} %" if p >= 0.005 or p == 0.0 else "under 1 %"  # + 0.0: no minus before a zero


def distance(km: float) -> str:
    """Return a distance to a tenth of a kilometre."""
    return "-" if km != km else f"{km:.1f} km"


def written(page: Page, text: str, panels: Sequence[Panel]) -> str:
    """Return a page with its numbers written anew."""
    return re.sub(f"{BEGIN}.*?{END}", lambda _: block(page, panels), text, flags=re.DOTALL)


def main(names: Sequence[str]) -> None:
    """Draw all figures, or those that are named, and write the numbers into their pages."""
    from docs.models import published

    if not names or "published" in names:
        (HERE / "published.md").write_text(published.page(), encoding="utf-8")
    for page in PAGES:
        if not names or page.name in names:
            panels = panels_of(page)
            draw(page, panels, HERE / f"{page.name}.png")
            (HERE / f"{page.name}.md").write_text(written(page, text_of(page.name), panels), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
