"""The map of waits: the corridor in the colours of how long a place goes unwatched, and the same along the line below it."""

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from sim.line import Line
from sim.maps import (
    Sheet,
    described,
    draw_base,
    draw_bases,
    draw_leader,
    draw_line,
    draw_locator,
    draw_names,
    draw_posts,
    draw_scale,
    draw_seas,
    draw_towns,
    halo,
    home_of,
    post_spot,
)
from sim.measures.assets import based, fleet
from sim.measures.base import GREY, INK, heading, percent, plain, runs
from sim.measures.corridor import GRADES, share_within
from sim.measures.drawing.chart import OUTSIDE, RIM, Chart, Gap, paint
from sim.measures.drawing.strips import draw_strip, draw_unrolled, name_gaps, name_sectors
from sim.units import DAY, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

CALLOUTS, CALLOUTS_TRIED = 2, 6
"""How many gaps are named on the map, and among how many of the longest room for them is looked for."""

ONE_LINE = 143
"""Letters that a line of the subtitle holds: 13 an inch of the figure's width, as `heading` breaks lines."""


def draw_waits(figure: "Figure", title: str, chart: Chart) -> None:
    """Draw the map of waits, the same along the line below it, and a legend that is the table."""
    from matplotlib import rc_context

    with rc_context({"hatch.linewidth": 0.5, "hatch.color": RIM}):
        compose(figure, title, chart)


def compose(figure: "Figure", title: str, chart: Chart) -> None:
    """Lay out map, legend, locator, strips and notes."""
    results = chart.results
    figure.set_size_inches(11.0, 8.9)
    heading(figure, title, subtitle(chart))
    sheet = Sheet.on(figure.add_axes((0.035, 0.391, 0.70, 0.516)), chart.line, chart.depths_m[-1])
    gaps = chart.gaps()
    draw_map(chart, sheet, gaps)
    numbers = based(results)
    beyond = sum(name in numbers and not sheet.shows(*place) for name, place in results.stage.bases.items())
    draw_legend(figure.add_axes((0.752, 0.594, 0.213, 0.313)), chart, beyond)
    draw_locator(figure.add_axes((0.752, 0.391, 0.213, 0.187)), sheet, home_of(sheet, results.stage.bases.values()))
    unrolled = figure.add_axes((0.075, 0.284, 0.66, 0.043))
    strips = {side: figure.add_axes((0.075, bottom, 0.66, 0.105)) for side, bottom in ((-1, 0.065), (1, 0.170))}
    draw_unrolled(unrolled, chart)
    for side, strip in strips.items():
        draw_strip(strip, side, chart)
        name_gaps(strip, [gap for gap in gaps if gap.side == side], chart.line.length_m)
    name_sectors(unrolled, list(strips.values()), results)
    below = f"The same along the line: unrolled, and cells within {chart.near_m / 1000:g} km of it on each side"
    figure.text(0.075, 0.359, below, size=9.5, weight="bold", color=INK)
    draw_notes(figure, chart)


def subtitle(chart: Chart) -> str:
    """Return what the picture shows, the mix and the one number, on one line: the map begins right below it.

    What is too long goes without the list of sensors first, then without the size of cells, which the notes tell in part; a name of a mix
    is cut last.
    """
    corridor, results = chart.corridor, chart.results
    seen = f"{percent(share_within(DAY)(corridor.longer['w'], corridor.share))} of the corridor is seen within 24 h."
    wait, mix = "p90 wait for the next look", plain(results.mix)
    told = (
        f"{wait}, {cells_in_words(chart)}. Mix {mix}: {fleet(results)}. {seen}",
        f"{wait}, {cells_in_words(chart)}. Mix {mix}. {seen}",
        f"{wait}. Mix {mix}. {seen}",
    )
    cut = f"{wait}. Mix {textwrap.shorten(mix, 40, placeholder=' ...')}. {seen}"
    return next((text for text in told if len(text) <= ONE_LINE), cut)


def cells_in_words(chart: Chart) -> str:
    """Return the size of the cells: along the line, and across it."""
    width_m = np.diff(np.concatenate([[0.0], chart.depths_m]))
    across = f"{width_m.min() / 1000:g}" + (f" to {width_m.max() / 1000:g}" if width_m.max() > width_m.min() else "")
    return f"cells of {chart.corridor.step_km(chart.results)} by {across} km"


def draw_map(chart: Chart, sheet: Sheet, gaps: list[Gap]) -> None:
    """Draw the corridor in the colours of its classes on the base map."""
    from shapely import buffer, contains_xy

    line, stage, numbers = chart.line, chart.results.stage, based(chart.results)
    used = {name: place for name, place in stage.bases.items() if name in numbers}
    draw_base(sheet, home_of(sheet, stage.bases.values()))
    left, bottom, right, top = sheet.frame
    x_m, y_m = np.meshgrid(np.linspace(left, right, 560), np.linspace(bottom, top, round(560 * (top - bottom) / (right - left))))
    grade = np.full(x_m.shape, OUTSIDE)
    around = np.asarray(contains_xy(buffer(line.curve, chart.depths_m[-1]), x_m, y_m))
    grade[around] = chart.grade_at(*line.locate(x_m[around], y_m[around]))
    paint(sheet.axes, grade, (left, right, bottom, top), 5)
    sheet.axes.contour(x_m, y_m, grade > OUTSIDE, levels=[0.5], colors=RIM, linewidths=0.5, zorder=6)
    draw_line(sheet)
    draw_bases(sheet, used, numbers)
    draw_posts(sheet, 100_000.0 if line.length_m > 500_000.0 else 50_000.0 if line.length_m > 200_000.0 else 20_000.0)
    named = 0
    for gap in gaps[:CALLOUTS_TRIED]:
        named += named < CALLOUTS and draw_callout(sheet, gap, chart.near_m)
    draw_scale(sheet)
    draw_seas(sheet)
    draw_towns(sheet)
    draw_names(sheet)


def draw_callout(sheet: Sheet, gap: Gap, near_m: float) -> bool:
    """Name a gap on the map, outside of the corridor, and return whether there was room."""
    chainage_m, text = (gap.from_m + gap.to_m) / 2, f"{gap.where}\n{gap.who}"
    place = np.concatenate(sheet.line.at(np.array([chainage_m]), np.array([gap.side * near_m / 2])))
    normal = sheet.line.mean_normal(np.array([chainage_m]), np.array([60_000.0]))[0]
    spot = post_spot(sheet, place, normal, text, (float(gap.side),))
    if spot is not None:
        draw_leader(sheet, place, spot, sheet.box(*spot, text, 7.5))
        sheet.axes.plot(*place, "o", ms=2.6, mfc=INK, mec="white", mew=0.6, zorder=15)
        sheet.axes.text(*spot, text, size=8, color=INK, ha="center", va="center", zorder=20, path_effects=halo(3.0), linespacing=1.25)
        sheet.taken.append(sheet.box(*spot, text, 9))
    return spot is not None


def draw_legend(axes: "Axes", chart: Chart, beyond: int = 0) -> None:
    """Draw the legend as a histogram: each class with its share of the corridor; and the signs of the map.

    Args:
        axes: Where.
        chart: What the map shows.
        beyond: Bases that are in use and lie off the map.
    """
    corridor, grade = chart.corridor, chart.corridor.grade()
    classes = [*enumerate(zip(grade_names(chart.results.stage.horizon_s), GRADES, strict=True))]
    rows = [(name, colour, float((corridor.share * (grade == index)).sum())) for index, (name, (_, _, colour)) in classes]
    rows.append(("mostly never", "white", float((corridor.share * (grade == -1)).sum())))
    axes.set(xlim=(0, 1), ylim=(-12.6, 1.4))
    axes.axis("off")
    axes.text(0, 1.15, "Wait for the next look (p90)", size=9.5, weight="bold", color=INK, va="center")
    axes.text(1, 0.2, "share of the corridor", size=7.5, color=GREY, ha="right", va="center")
    draw_classes(axes, rows)
    axes.plot([0, 0.13], [-9.2, -9.2], color=INK, lw=2.0)
    axes.text(0.17, -9.2, "the line", size=8.5, color=INK, va="center")
    post = {"boxstyle": "round,pad=0.22", "fc": "white", "ec": "#8f8b80", "lw": 0.6}
    axes.text(0.065, -10.2, "300", size=7, color=INK, ha="center", va="center", bbox=post)
    axes.text(0.17, -10.2, "kilometre along the line", size=8.5, color=INK, va="center")
    if based(chart.results):
        axes.text(0.03, -11.2, "3", size=8, weight="bold", color=INK, ha="center", va="center")
        axes.plot(0.095, -11.2, "^", ms=6.5, mfc=INK, mec="white")
        axes.text(0.17, -11.2, "base, number of drones", size=8.5, color=INK, va="center")
        if beyond:
            axes.text(0.17, -12.1, f"({beyond} more off the map)", size=7.5, color=GREY, va="center")


def draw_classes(axes: "Axes", rows: list[tuple[str, str, float]]) -> None:
    """Draw the classes of a legend below each other: name, colour, share of the corridor."""
    from matplotlib.patches import Rectangle

    longest = max(share for _, _, share in rows)
    for row, (name, colour, share) in enumerate(rows):
        y = -0.8 - row
        hatch = "/////" if colour == "white" else None
        axes.add_patch(Rectangle((0, y - 0.36), 0.13, 0.72, facecolor=colour, edgecolor=RIM, lw=0.6, hatch=hatch))
        axes.add_patch(Rectangle((0.60, y - 0.22), 0.20 * share / longest, 0.44, facecolor="#b9b5a6", lw=0))
        axes.text(0.17, y, name, size=8.5, color=INK, va="center")
        axes.text(1, y, percent(share), size=8.5, color=INK, ha="right", va="center")


def grade_names(horizon_s: float) -> list[str]:
    """Return the names of the classes; the last begins where the run can still tell waits apart."""
    return [*(name for _, name, _ in GRADES[:-1]), f"over {duration(horizon_s / 2)}" if horizon_s < 6 * DAY else GRADES[-1][1]]


def draw_notes(figure: "Figure", chart: Chart) -> None:
    """Write how to read the picture, and where what it shows comes from."""
    stage = chart.results.stage
    left, top = 0.762, 0.359
    figure.text(left, top, "Reading the chart", size=9.5, weight="bold", color=INK)
    reading = (
        f"Bar: p90 wait in each {chart.corridor.step_km(chart.results)} km, side A\nupward, side B downward, colours as\nabove. "
        "Short line in it: median wait.\n"
        "Dotted: p90 until a vehicle in the open is\ndetected. Nine in ten waits that begin at\na random time are no longer than p90."
    )
    figure.text(left, top - 0.014, reading, size=7.5, color=INK, va="top", linespacing=1.4)
    home = (
        " Crimea is Ukraine's (UN General Assembly resolution 68/262)." if "Ukrain" in stage.line.name or home_is_near(stage.line) else ""
    )
    drawn = plain(stage.line.name) or "that of the scenario"
    sources = " ".join(
        (
            f"{duration(stage.length_s)}, {runs(len(chart.corridor.replications))}, sensors as flown.",
            "A look is a stretch in view of a unit that can detect a vehicle in the open under the sky of that hour.",
            "Hatched: in most replications no such look ever comes. No wait is cut by the run's end.",
            f"Base map: Natural Earth 4.1, public domain; {described(stage.line.projection)}, WGS 84.{home}",
            f"The line is {drawn}: approximate, and no statement on sovereignty.",
        )
    )
    figure.text(left, top - 0.132, textwrap.fill(sources, 54), size=6.3, color=GREY, va="top", linespacing=1.4)


def home_is_near(line: Line) -> bool:
    """Return whether the line lies in the region where the base map draws Crimea."""
    x_m, y_m = line.to_xy(34.1, 45.3)
    return bool(np.hypot(*(line.xy_m - np.array([x_m, y_m])).T).min() < 400_000.0)
