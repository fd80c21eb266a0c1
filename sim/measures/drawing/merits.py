"""The picture of the figures of merit: how soon somebody looks again, and what is in view when."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.intervals import Interval
from sim.measures.base import DASHES, GREY, INK, OKABE_ITO, apart, calm, key_of, percent, plain, time_axis
from sim.measures.figures import STATES, named, series, types
from sim.story import Results
from sim.units import DAY, HOUR
from sim.waits import WAITS_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = (1.43, 1.55, 1.66)
LABEL_GAP = 0.05
"""Where numbers stand beside the axes, and the least distance of two of them, as shares of the axes."""
LAYERS = ((1, "#bcd7ec"), (2, "#6fa5d0"), (3, "#23639d"))
"""Assets at once, and the colour of the time with so many; lightness falls evenly (CIE L* 84, 65, 41)."""
ASSETS = ("1 or more", "2 or more", "3 or more")
STEPS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


def draw_responses(axes: "Axes", results: Results) -> None:
    """Draw for each type of asset the share of instants from which somebody looks within each time."""
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
        colour, dash = (OKABE_ITO[(number - 1) % len(OKABE_ITO)], DASHES[(number - 1) % len(DASHES)]) if part else (INK, DASHES[0])
        style: dict[str, Any] = {"color": colour, "ls": dash, "lw": 2.6 if not part else 1.8}
        axes.fill_between(WAITS_S[drawn], reached[:, drawn].min(axis=0), reached[:, drawn].max(axis=0), color=colour, alpha=0.13, lw=0)
        curve = reached.mean(axis=0)
        axes.plot(WAITS_S[drawn], curve[drawn], **style, zorder=4 if not part else 3)
        at = [curve[0], *np.interp([HOUR, DAY], WAITS_S, curve)]
        rows.append(
            (part or "all together", [percent(float(share)).replace("under ", "< ") for share in at], float(curve[drawn][-1]), style)
        )
    label_rows(axes, rows)


def label_rows(axes: "Axes", rows: list[tuple[str, list[str], float, dict[str, Any]]]) -> None:
    """Write beside the curves what they stand for, and their shares in view, within 1 h and within 24 h."""
    heights = apart(np.array([end for _, _, end, _ in rows]), LABEL_GAP)
    for (name, shares, end, style), height in zip(rows, heights, strict=True):
        axes.plot([1.0, 1.018], [end, height], color=style["color"], lw=0.7, transform=axes.transAxes, clip_on=False)
        axes.plot([1.02, 1.06], [height, height], **style, transform=axes.transAxes, clip_on=False)
        weight = "bold" if style["color"] == INK else "normal"
        axes.text(1.07, height, plain(name), color=INK, size=9.5, va="center", weight=weight, transform=axes.transAxes)
        for place, text in zip(COLUMNS, shares, strict=True):
            axes.text(place, height, text, color=INK, size=9.5, va="center", ha="right", transform=axes.transAxes)
    for word, place in zip(("at once", "1 h", "24 h"), COLUMNS, strict=True):
        axes.text(place, 1.06, word, color=GREY, size=9, va="center", ha="right", transform=axes.transAxes)


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
        colour, dash = OKABE_ITO[number % len(OKABE_ITO)], DASHES[number % len(DASHES)]
        axes.plot(edges, np.append(share, share[-1]), drawstyle="steps-post", color=colour, ls=dash, lw=1.6, zorder=3)
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
