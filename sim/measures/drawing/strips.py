"""The corridor pulled straight, and the waits along each side of the line as strips below it."""

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.kinds import Floats
from sim.maps import halo
from sim.measures.assets import based
from sim.measures.base import GREY, INK, plain, spoken
from sim.measures.corridor import GRADES
from sim.measures.drawing.chart import CLOCK, RIM, SIDES, Chart, Gap, paint
from sim.story import Results
from sim.units import DAY, HOUR, MINUTE
from sim.waits import quantile_s

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHORTEST_S, LONGEST_S = 15 * MINUTE, 7 * DAY
"""Range of the strip; what is beyond is drawn at its end."""
TICKS = ((HOUR, "1 h"), (6 * HOUR, "6 h"), (DAY, "1 day"), (7 * DAY, "7 days"))
SPILL = 1.8
"""How many times wider than its sector a name may be where its neighbours leave room."""
STROKE = "#3b3832"


def draw_unrolled(axes: "Axes", chart: Chart) -> None:
    """Draw the corridor pulled straight: chainage across, side A above, side B below, true to depth."""
    line, depth_m = chart.line, chart.depths_m[-1]
    chainage_m, offset_m = np.meshgrid((np.arange(1000) + 0.5) / 1000 * line.length_m, (np.arange(61) - 30) / 30.5 * depth_m)
    grade = chart.grade_at(chainage_m.ravel(), offset_m.ravel()).reshape(chainage_m.shape)
    paint(axes, grade, (0.0, line.length_m / 1000, -depth_m / 1000, depth_m / 1000), 2)
    axes.axhline(0.0, color="white", lw=2.2, zorder=3)
    axes.axhline(0.0, color=INK, lw=1.1, zorder=4)
    axes.set(xlim=(0.0, line.length_m / 1000), ylim=(-depth_m / 1000, depth_m / 1000), xticks=[])
    axes.set_yticks([depth_m / 2000, -depth_m / 2000], ["side A", "side B"], size=7, color=GREY)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set(edgecolor=RIM, linewidth=0.5)


def draw_strip(axes: "Axes", side: int, chart: Chart) -> None:
    """Draw the wait along one side of the line, A upward, B downward: bars to p90 in the colours of the classes, ticks at the median."""
    edges_km = np.linspace(0.0, chart.line.length_m / 1000, chart.corridor.along() + 1)
    draw_bars(axes, side, chart, edges_km)
    axes.axhline(DAY, color=CLOCK, lw=1.1, ls=(0, (5, 2.5)), zorder=5)
    axes.text(1.006, 0.45, f"side {SIDES[side]}", transform=axes.transAxes, size=7.5, color=GREY, va="center", rotation=270)
    axes.set_yscale("log")
    ends_s = (SHORTEST_S, LONGEST_S * 4.0)
    axes.set(xlim=(0.0, edges_km[-1]), ylim=ends_s[::side])
    axes.set_yticks([tick_s for tick_s, _ in TICKS], [name for _, name in TICKS], size=7.5, color=INK)
    axes.set_xticks(np.arange(0.0, edges_km[-1], 100.0 if edges_km[-1] > 500.0 else 50.0 if edges_km[-1] > 200.0 else 20.0))
    axes.minorticks_off()
    axes.tick_params(length=2.5, labelsize=7.5, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    if side < 0:
        axes.set_xlabel("km along the line", size=8, color=INK, labelpad=2)
    else:
        draw_above(axes, chart)


def draw_bars(axes: "Axes", side: int, chart: Chart, edges_km: Floats) -> None:
    """Draw the bars of a side, hatched where mostly nobody looks, its medians, and the dotted line until detection."""
    corridor = chart.corridor
    curves = corridor.near(chart.near_m, side=side)
    p90_s, p50_s = quantile_s(curves, 0.9), quantile_s(curves, 0.5)
    never = corridor.beside(corridor.unseen()[:, None], chart.near_m, side)[:, 0] > 0.5
    colours = [GRADES[index][2] for index in np.searchsorted([edge_s for edge_s, _, _ in GRADES], p90_s)]
    width_km = edges_km[1] - edges_km[0]
    height_s = np.clip(p90_s, SHORTEST_S * 1.12, LONGEST_S)
    bars = axes.bar(edges_km[:-1], height_s - SHORTEST_S, width_km, SHORTEST_S, align="edge", color=colours, linewidth=0, zorder=2)
    for bar, unseen in zip(bars, never, strict=True):
        if unseen:
            bar.set(facecolor="white", hatch="/////", edgecolor=RIM)
    axes.stairs(height_s, edges_km, baseline=SHORTEST_S, color=STROKE, lw=0.7, zorder=3)
    detected_s = np.clip(quantile_s(corridor.near(chart.near_m, "d", side), 0.9), SHORTEST_S, LONGEST_S)
    axes.stairs(detected_s, edges_km, baseline=None, color=STROKE, lw=0.9, ls=(0, (1, 1.2)), zorder=3)
    middle_km, told = (edges_km[1:] + edges_km[:-1]) / 2, np.isfinite(p50_s) & ~never
    marks_s = np.clip(p50_s, SHORTEST_S * 1.06, LONGEST_S)[told]
    for colour, thick in (("white", 2.6), ("black", 1.0)):
        axes.hlines(marks_s, middle_km[told] - 0.32 * width_km, middle_km[told] + 0.32 * width_km, color=colour, lw=thick, zorder=4)


def draw_above(axes: "Axes", chart: Chart) -> None:
    """Finish the upper strip: no axis of its own, the name of the clock, and the bases, which stand on the line between the sides."""
    axes.set(zorder=2, facecolor="none")
    axes.tick_params(bottom=False, labelbottom=False)
    clock: dict[str, Any] = {"size": 7.5, "color": CLOCK, "va": "bottom", "zorder": 6, "path_effects": halo()}
    axes.text(0.003, DAY * 1.12, "24-h response clock", transform=axes.get_yaxis_transform(), **clock)
    bases = chart.results.stage.bases
    for x_m, y_m in (bases[name] for name in based(chart.results) if name in bases):
        base_km = float(chart.line.locate(x_m, y_m)[0]) / 1000
        axes.plot(base_km, SHORTEST_S, "^", ms=6.5, mfc=INK, mec="white", mew=0.7, zorder=7, clip_on=False)


def name_sectors(unrolled: "Axes", strips: "list[Axes]", results: Results) -> None:
    """Rule where sectors begin and write their names above, the longest first, on two lines if need be, where they meet no other."""
    length_m = results.stage.line.length_m
    letter_m = 0.58 * 6.5 * length_m / width_pt(unrolled)
    written: list[tuple[float, float]] = []
    for name, sector in sorted(results.stage.sectors.items(), key=lambda named: named[1].from_m - named[1].to_m):
        if sector.from_m > 0.0:
            for axes in (unrolled, *strips):
                axes.axvline(sector.from_m / 1000, color="#6d6a62", lw=0.7, ls=(0, (1, 2)), zorder=5 if axes is unrolled else 1.5)
        to_m = min(sector.to_m, length_m)
        middle_m, most = (sector.from_m + to_m) / 2, SPILL * (to_m - sector.from_m) / letter_m
        text = wrapped(spoken(name), int(most))
        half_m = (max(map(len, text.split("\n"))) + 1) / 2 * letter_m
        if text and all(abs(middle_m - other_m) > half_m + wide_m for other_m, wide_m in written):
            style: dict[str, Any] = {"size": 6.5, "color": GREY, "ha": "center", "va": "bottom", "linespacing": 1.0}
            unrolled.text(middle_m / 1000, 1.08, text, transform=unrolled.get_xaxis_transform(), **style)
            written.append((middle_m, half_m))


def width_pt(axes: "Axes") -> float:
    """Return the width of axes on paper, in points."""
    return float(axes.get_position().width * axes.figure.get_figure(root=True).get_size_inches()[0] * 72)


def wrapped(text: str, letters: int) -> str:
    r"""Return a name on one line or two of so many letters, or nothing where it does not fit.

    >>> wrapped("Kharkiv north", 13), wrapped("Kharkiv north", 8), wrapped("Kharkiv north", 5)
    ('Kharkiv north', 'Kharkiv\nnorth', '')
    """
    rows = textwrap.wrap(text, letters, break_long_words=False) if letters > 0 else []
    return plain("\n".join(rows)) if 0 < len(rows) <= 2 and max(map(len, rows)) <= letters else ""


def name_gaps(axes: "Axes", gaps: list[Gap], length_m: float) -> None:
    """Write the longest gaps of a side beyond the ends of its bars, as long as the words do not meet."""
    written: list[tuple[float, float]] = []
    for gap in gaps:
        text = f"{gap.where}{gap.who.removeprefix(f'side {SIDES[gap.side]}')}"
        half_m = 0.28 * 7 * len(text) / width_pt(axes) * length_m
        middle_m = float(np.clip((gap.from_m + gap.to_m) / 2, half_m, length_m - half_m))
        if all(abs(middle_m - other_m) > half_m + wide_m for other_m, wide_m in written):
            style: dict[str, Any] = {"size": 7, "color": INK, "ha": "center", "va": "bottom" if gap.side > 0 else "top", "zorder": 8}
            axes.text(middle_m / 1000, LONGEST_S * 1.25, text, path_effects=halo(), **style)
            written.append((middle_m, half_m))
