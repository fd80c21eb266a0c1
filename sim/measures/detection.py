"""What share of violations comes to the desk, and within what time."""

from textwrap import shorten
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sim.intervals import Band, reached_band
from sim.kinds import Floats
from sim.measures.base import (
    DASHES,
    GREY,
    INK,
    MARKERS,
    OKABE_ITO,
    Measure,
    Reading,
    apart,
    calm,
    cut_off,
    followed,
    heading,
    mix_of,
    parts,
    percent,
    plain,
    remark,
    runs,
    share_of,
    spoken,
    time_axis,
    violations,
    waits,
)
from sim.story import Results
from sim.units import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LIMITS_H = (1, 6, 24, 72)
FIRST_S, LAST_S = 5 * MINUTE, 7 * DAY
LABEL_GAP = 0.042
"""Least distance of two labels, as a share of the axis."""
ENOUGH = 30
"""Violations of a kind from which on its band is drawn: below, it would be as high as the picture. Assumption."""
SMOOTHED = 41
"""Points of 300 over which the width of a band is averaged, for it is estimated point by point and jumps with single violations."""


class Detection(Measure, kind="detection"):
    """The share of violations of which an alarm comes to the desk: by the end of the run, and within 1, 6, 24 and 72 hours."""

    title: ClassVar[str] = "How soon is a violation seen?"
    order: ClassVar[int] = 10
    figure_name: ClassVar[str] = "detection_curves"

    def readings(self, results: Results) -> list[Reading]:
        """Count what was detected, missed violations included in the whole; within a time, over those that were followed so long."""
        waited_s = results.incidents["detected_s"] - results.incidents["start_s"]
        detected = np.isfinite(waited_s)
        cut = cut_off(results)
        readings = []
        for part, rows in parts(results):
            number, whole = int(rows.sum()), part == ""
            ratio = share_of(results, detected, rows)
            readings.append(Reading("detection.detected", "detected", part, ratio, "share", number, whole))
            for hours in LIMITS_H:
                among = rows & followed(results, hours * HOUR)
                ratio = share_of(results, waited_s <= hours * HOUR, among)
                label, headline = f"detected within {hours} h", whole and hours in (1, 24)
                readings.append(Reading(f"detection.within_{hours}h", label, part, ratio, "share", int(among.sum()), headline))
            label = "undetected, but still there or on the way to the desk at the end of the run"
            readings.append(Reading("detection.open", label, part, share_of(results, cut, rows), "share", number))
        return readings

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw, for each kind, the share that is detected by each time, with a band over replications where there are enough of it."""
        figure.set_size_inches(12.6, 6.8)
        whole = next(reading for reading in self.readings(results) if reading.key == "detection.within_24h").interval()
        sure = f" ({percent(whole.low)} to {percent(whole.high)})" if whole.low == whole.low else ""
        found = f"{percent(whole.estimate)} within 24 h{sure}" if violations(results).any() else "no violations"
        number = f"{mix_of(results)}: {found}."
        heading(figure, self.title, f"Share of violations of which an alarm is on the desk, by time since the act. {number}")
        axes = figure.add_axes((0.06, 0.155, 0.52, 0.655))
        calm(axes)
        time_axis(axes, FIRST_S, LAST_S)
        axes.set_ylim(0.0, 1.0)
        axes.set_yticks(np.linspace(0.0, 1.0, 6), [f"{tick} %" for tick in range(0, 101, 20)])
        axes.set_xlabel("time since the act", color=GREY, size=10)
        kinds = [(part, rows) for part, rows in parts(results) if part]
        grid = np.geomspace(FIRST_S, LAST_S, 300)
        curves = [reached_band(*waits(results, rows), grid) for _, rows in kinds]
        for number_of_kind, ((_, rows), curve) in enumerate(zip(kinds, curves, strict=True)):
            colour, dash, marker = (cycle[number_of_kind % len(cycle)] for cycle in (OKABE_ITO, DASHES, MARKERS))
            enough = rows.sum() >= ENOUGH
            if enough and not np.isnan(curve.low).all():
                axes.fill_between(grid, *smoothed(curve), color=colour, alpha=0.10, lw=0, zorder=2)
            marked = (12 + 9 * number_of_kind % 60, 60)
            axes.plot(
                grid,
                curve.estimate,
                color=colour,
                ls=dash,
                lw=1.9 if enough else 1.0,
                marker=marker,
                ms=5.5 if enough else 4.0,
                markevery=marked,
                mec="white",
                mew=0.7,
                zorder=3,
            )
        in_a_day = [reached_band(*waits(results, rows), np.array([DAY])) for _, rows in kinds]
        label_ends(axes, [spoken(part) for part, _ in kinds], in_a_day, np.array([curve.estimate[-1] for curve in curves]))
        missed = violations(results) & ~np.isfinite(results.incidents["detected_s"]) & ~cut_off(results)
        remark(
            figure,
            f"Kaplan-Meier curves, {runs(results.replications)}. {shading(results)}"
            f"Violations that are never seen ({missed.sum():,} here) keep a curve below 100 %. "
            "Only those still there to be seen, or on the way to the desk, when the run ended are treated as cut off.",
        )


def shading(results: Results) -> str:
    """Return what is said of the bands; nothing where there are none."""
    if results.replications == 1:
        return ""
    return (
        f"Shaded, and in brackets: 95 % interval over replications, each point by itself, its width smoothed; "
        f"kinds with fewer than {ENOUGH} violations have thin lines and no shade. "
    )


def smoothed(curve: Band) -> tuple[Floats, Floats]:
    """Return the ends of a band whose widths above and below the curve are averaged over neighbouring times. Shapes (G,)."""
    reach = SMOOTHED // 2
    below, above = (
        np.convolve(np.pad(width, reach, mode="edge"), np.full(SMOOTHED, 1.0 / SMOOTHED), mode="valid")
        for width in (curve.estimate - curve.low, curve.high - curve.estimate)
    )
    return np.maximum(curve.estimate - below, 0.0), np.minimum(curve.estimate + above, 1.0)


def label_ends(axes: "Axes", names: list[str], in_a_day: list[Band], ends: Floats) -> None:
    """Write the name of each curve beside its right end, joined to it by a hairline, with its shares within 24 h and in all."""
    beside: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False}
    values = [[float(line[0]) for line in day] for day in in_a_day]
    ranges = [f"({100 * low:.0f} – {100 * high:.0f})" if low == low else "" for _, low, high in values]
    shares = [(percent(value[0]), sure, percent(float(end))) for value, sure, end in zip(values, ranges, ends, strict=True)]
    columns = (1.50, 1.63, 1.75)
    for index, height in enumerate(apart(ends, LABEL_GAP)):
        colour, dash, marker = (cycle[index % len(cycle)] for cycle in (OKABE_ITO, DASHES, MARKERS))
        axes.plot([1.0, 1.018], [ends[index], height], color=colour, lw=0.7, **beside)
        axes.plot([1.02, 1.06], [height, height], color=colour, ls=dash, lw=1.9, **beside)
        axes.plot([1.04], [height], color=colour, marker=marker, ms=5.5, mec="white", mew=0.7, **beside)
        axes.text(
            1.07, height, plain(shorten(names[index], 26, placeholder=" ...")), color=INK, size=9.5, va="center", transform=axes.transAxes
        )
        for place, text in zip(columns, shares[index], strict=True):
            axes.text(place, height, text, color=INK, size=9.5, va="center", ha="right", transform=axes.transAxes)
    axes.text(1.07, 1.06, "kind of violation", color=GREY, size=9, va="center", transform=axes.transAxes)
    for word, place in zip(("24 h", "(95 %)" if any(ranges) else "", "7 d"), columns, strict=True):
        axes.text(place, 1.06, word, color=GREY, size=9, va="center", ha="right", transform=axes.transAxes)
