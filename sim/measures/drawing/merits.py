"""The picture of the figures of merit: how soon somebody looks again, and what is in view when."""

from collections.abc import Mapping
from textwrap import shorten
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.intervals import Interval
from sim.kinds import Floats
from sim.measures.base import DASHES, GREY, INK, OKABE_ITO, calm, key_of, percent, plain, time_axis
from sim.measures.figures import STATES, named, series, types
from sim.story import Results
from sim.units import DAY, HOUR
from sim.waits import WAITS_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TOLD = ("at once", "1 h", "24 h", "72 h")
"""Columns of the table beside the curves: the share in view, and with a look within each time."""
NAME_AT_IN, LETTER_IN, COLUMN_IN = 0.46, 0.066, 0.53
"""Inches: from the axes to the names; of a letter of a name (DejaVu Sans of 9.5 point, 0.063 on average); of a column of numbers."""
LONGEST = 30
"""Letters of a name; what is longer is cut."""
LABEL_GAP = 0.05
"""Least distance of two labels, as a share of the axes."""
LAYERS = ((1, "#bcd7ec"), (2, "#6fa5d0"), (3, "#23639d"))
"""Assets at once, and the colour of the time with so many; lightness falls evenly (CIE L* 84, 65, 41)."""
ASSETS = ("1 or more", "2 or more", "3 or more")
STEPS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


class Row(NamedTuple):
    """A curve with what is written beside it."""

    name: str
    shares: list[str]
    end: float
    """Height at which the curve leaves the axes."""
    style: dict[str, Any]


def style_of(number: int) -> dict[str, Any]:
    """Return colour and dashes of a type of asset; the first 64 differ in one of the two at least.

    >>> len({tuple(style_of(number).values()) for number in range(64)})
    64
    """
    colours, dashes = len(OKABE_ITO), len(DASHES)
    return {"color": OKABE_ITO[number % colours], "ls": DASHES[(number + number // colours) % dashes]}


def draw_responses(figure: "Figure", place: tuple[float, float, float, float], results: Results) -> None:
    """Draw for each type of asset the share of instants from which somebody looks within each time, and write it beside the curves.

    Args:
        figure: On what.
        place: Room of curves and labels: left, bottom, width, height, as shares of the figure. The curves have what the names leave.
        results: Of what.
    """
    longest = max(len(label_of(part)) for part in ["", *types(results)])
    names_in = NAME_AT_IN + longest * LETTER_IN
    left, bottom, width, height = place
    axes = figure.add_axes((left, bottom, width - (names_in + len(TOLD) * COLUMN_IN) / figure.get_size_inches()[0], height))
    calm(axes)
    last_s = min(7 * DAY, results.stage.horizon_s / 2)
    time_axis(axes, WAITS_S[1], last_s)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks(np.linspace(0.0, 1.0, 6), [f"{tick} %" for tick in range(0, 101, 20)])
    axes.set_xlabel("time from an instant to the next look", color=GREY, size=10)
    drawn = np.arange(1, np.searchsorted(WAITS_S, last_s, side="right"))
    rows = []
    for number, part in enumerate(["", *types(results)]):
        reached = 1.0 - series(results, [named(f"longer_{wait:02d}", part) for wait in range(len(WAITS_S))])
        style = style_of(number - 1) | {"lw": 1.8} if part else {"color": INK, "ls": DASHES[0], "lw": 2.6}
        low, high = reached[:, drawn].min(axis=0), reached[:, drawn].max(axis=0)
        axes.fill_between(WAITS_S[drawn], low, high, color=style["color"], alpha=0.13, lw=0)
        curve = reached.mean(axis=0)
        axes.plot(WAITS_S[drawn], curve[drawn], **style, zorder=4 if not part else 3)
        at = [curve[0], *np.interp([HOUR, DAY, 3 * DAY], WAITS_S, curve)]
        rows.append(Row(label_of(part), [short_percent(float(share)) for share in at], float(curve[drawn][-1]), style))
    label_rows(axes, rows, names_in)


def label_of(part: str) -> str:
    """Return what a curve is called beside it: a type of asset, or none for all."""
    return shorten(plain(part), LONGEST, placeholder=" ...") if part else "all together"


def short_percent(share: float) -> str:
    """Return a share as a narrow column has it.

    >>> short_percent(0.001), short_percent(0.999)
    ('< 1 %', '> 99 %')
    """
    return percent(share).replace("under", "<").replace("over", ">")


def label_rows(axes: "Axes", rows: list[Row], names_in: float) -> None:
    """Write beside the curves what they stand for, and their shares in view and within each time; the names end after `names_in`."""
    wide_in = axes.get_position().width * axes.figure.get_figure(root=True).get_size_inches()[0]
    mark, mark_end, name_at = (1.0 + inches / wide_in for inches in (0.08, 0.40, NAME_AT_IN))
    columns = [1.0 + (names_in + (number + 1) * COLUMN_IN) / wide_in for number in range(len(TOLD))]
    heights = stacked(np.array([row.end for row in rows]), LABEL_GAP)
    for row, height in zip(rows, heights, strict=True):
        axes.plot([1.0, mark], [row.end, height], color=row.style["color"], lw=0.7, transform=axes.transAxes, clip_on=False)
        axes.plot([mark, mark_end], [height, height], **row.style, transform=axes.transAxes, clip_on=False)
        weight = "bold" if row.style["color"] == INK else "normal"
        axes.text(name_at, height, row.name, color=INK, size=9.5, va="center", weight=weight, transform=axes.transAxes)
        for place, text in zip(columns, row.shares, strict=True):
            axes.text(place, height, text, color=INK, size=9.5, va="center", ha="right", transform=axes.transAxes)
    for word, place in zip(TOLD, columns, strict=True):
        axes.text(place, 1.06, word, color=GREY, size=9, va="center", ha="right", transform=axes.transAxes)


def stacked(heights: Floats, gap: float) -> Floats:
    """Return heights moved as little as it takes, in squares, to lie a gap apart, in their order, and never outside of 0 to 1.

    Less the gaps below them they must not fall, which is a regression in order; its bounds may be put on afterwards. Shapes (N,).

    >>> stacked(np.array([0.5, 1.0, 0.5, 0.98]), 0.1).round(3).tolist()
    [0.45, 1.0, 0.55, 0.9]
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(heights, kind="stable")
    gap = min(gap, 1.0 / max(len(heights) - 1, 1))
    below = gap * np.arange(len(heights))
    placed = np.empty(len(heights))
    placed[order] = below + np.clip(isotonic_regression(np.nan_to_num(heights[order]) - below).x, 0.0, 1.0 - below[-1])
    return placed


def draw_hours(axes: "Axes", results: Results) -> None:
    """Draw the share of the corridor that one asset, two, three have in view at each hour, and that each type of asset has."""
    calm(axes)
    hours = [f"{hour:02d} h" for hour in range(24)]
    edges = np.arange(25)
    top = 0.0
    for least, colour in LAYERS:
        share = series(results, [named(f"watched_{least}|{hour}", "") for hour in hours]).mean(axis=0)
        axes.stairs(share, edges, fill=True, color=colour, zorder=1.5)
        axes.plot((0.36 * least - 0.33,), (1.075,), "s", ms=7, color=colour, transform=axes.transAxes, clip_on=False)
        axes.text(0.36 * least - 0.29, 1.075, ASSETS[least - 1], color=INK, size=9, va="center", transform=axes.transAxes)
        top = max(top, float(np.nanmax(share)))
    for number, part in enumerate(types(results)):
        share = series(results, [named(f"watched_1|{hour}", part) for hour in hours]).mean(axis=0)
        axes.plot(edges, np.append(share, share[-1]), drawstyle="steps-post", **style_of(number), lw=1.6, zorder=3)
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6), [f"{hour} h" for hour in range(0, 25, 6)])
    share_axis(axes, "y", 1.12 * top)
    axes.set_xlabel("mean solar time of the place", color=GREY, size=9.5)


def draw_states(axes: "Axes", table: Mapping[str, Interval]) -> None:
    """Draw the share of time and place that is in view in each state of the air, those left out that never come."""
    calm(axes)
    told = {part: table[key] for part in STATES if (key := key_of("merit.watched_1", part)) in table}
    for row, found in enumerate(told.values()):
        axes.barh(row, found.estimate, height=0.62, color=LAYERS[0][1], zorder=2)
        axes.plot([found.low, found.high], [row, row], color=INK, lw=1.0, zorder=3)
    axes.set_yticks(range(len(told)), list(told))
    axes.set_ylim(len(told) - 0.4, -0.6)
    share_axis(
        axes,
        "x",
        1.05 * max([found.estimate for found in told.values()] + [found.high for found in told.values() if found.high == found.high]),
    )
    axes.set_xlabel("in view", color=GREY, size=9.5)


def share_axis(axes: "Axes", which: str, top: float) -> None:
    """Give an axis a few ticks in per cent, from 0 to a top."""
    top = min(1.0, max(top, 0.001))
    step = next(step for step in STEPS if top / step <= 5.0)
    ticks = np.arange(0.0, top + 1e-9, step)
    ticked = axes.set_xticks if which == "x" else axes.set_yticks
    ticked(ticks, [f"{100 * tick:g} %" for tick in ticks.round(6).tolist()])
    axes.tick_params(pad=5)
    axes.set(**{f"{which}lim": (0.0, top)})
