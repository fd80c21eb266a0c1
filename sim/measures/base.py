"""What every measure is: numbers of one replication, a table with intervals over replications, and a picture."""

from abc import ABC
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias

import numpy as np

from sim.family import Member
from sim.intervals import Interval, Ratio, bounded, bounded_mean, rate, ratio, ratio_mean
from sim.kinds import Bools, Floats, Ints
from sim.story import Columns, Estimate, Play, Results
from sim.units import DAY, HOUR, MINUTE, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Comparable: TypeAlias = Floats | Ratio
"""One value a replication, shape (R,), `nan` where it has none; or a numerator and a denominator a replication."""

INK, GREY, FAINT = "#1f1f1f", "#5f5f5b", "#d9d7cf"
"""Colours of text, of text that explains, and of rules."""
OKABE_ITO = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8a7d00")
"""Colours that stay apart for every reader; the yellow is darkened for thin lines. Source: Okabe and Ito, Color Universal Design (2008)."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "h")
DASHES: tuple[tuple[float, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (5, 1.6)),
    (0, (1.2, 1.4)),
    (0, (6, 1.6, 1.2, 1.6)),
    (0, (3, 1.2)),
    (0, (8, 2)),
    (0, (6, 1.5, 1.2, 1.5, 1.2, 1.5)),
    (0, (2, 2)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """One number of a run as it stands in each replication: estimated from this, and compared between mixes by this."""

    measure: str
    """`detection.within_24h`, ..."""
    label: str
    slice: str
    """Kind of violation, or another part of the whole; empty for the whole."""
    values: Comparable
    unit: str
    """`share` keeps the interval between 0 and 1; every other unit keeps it above 0."""
    n_events: int
    """How many violations, alarms or accusations it rests on."""
    headline: bool = False
    method: str = ""
    """How the values were made, where it is more than a mean or a ratio."""
    most: float = np.inf
    """What the number cannot exceed; 1 for a share."""

    @property
    def key(self) -> str:
        """Names the number across mixes."""
        return key_of(self.measure, self.slice)

    def interval(self) -> Interval:
        """Return the estimate with its interval over replications, which holds no impossible value."""
        if not isinstance(self.values, Ratio):
            return bounded_mean(self.values, 1.0 if self.unit == "share" else self.most)
        if self.unit == "share":
            return ratio(*self.values)
        return rate(*self.values) if self.unit.startswith("per ") else bounded(ratio_mean(*self.values))

    def estimate(self) -> Estimate:
        """Return the row of the table."""
        found = self.interval()
        method = f"{self.method}; {found.method}" if self.method else found.method
        values = self.values.linearised() if isinstance(self.values, Ratio) else self.values
        count = int((~np.isnan(values)).sum())  # Some replications have nothing to tell.
        row = (self.measure, self.label, self.slice, found.estimate, found.low, found.high, self.unit, count, self.n_events)
        return Estimate(*row, method, self.headline)


class Measure(Member, ABC):
    """A question asked of a run, with its numbers and its picture."""

    title: ClassVar[str] = ""
    """The question, as the picture's title asks it."""
    order: ClassVar[int] = 100
    """Place among the measures of a report, small first."""
    figure_name: ClassVar[str] = ""
    """Name of the picture; empty where there is none."""

    @property
    def has_figure(self) -> bool:
        """Whether `draw` draws."""
        return bool(self.figure_name)

    def tally(self, play: Play) -> dict[str, float]:
        """Return numbers of one replication, by names that begin with the kind's own; they come back in `Results.tallies`."""
        return {}

    def cells(self, play: Play) -> Columns:
        """Return one row an analysis cell of one replication; they come back in `Results.cells`."""
        return {}

    def readings(self, results: Results) -> list[Reading]:
        """Return the numbers that have a value, or a numerator and a denominator, in each replication."""
        return []

    def table(self, results: Results) -> list[Estimate]:
        """Return all numbers with their intervals."""
        return [reading.estimate() for reading in self.readings(results)]

    def by_replication(self, results: Results) -> dict[str, Comparable]:
        """Return what `sim.intervals.paired` compares between mixes, under `key_of(measure, slice)` of the estimate."""
        return {reading.key: reading.values for reading in self.readings(results)}

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw the answer on a figure; it may set the figure's size, and neither shows nor saves it."""
        raise TypeError(f"{self.kind_name} has no figure")


def key_of(measure: str, part: str) -> str:
    """Return the name of a number across mixes.

    >>> key_of("detection.within_24h", ""), key_of("detection.within_24h", "incursion")
    ('detection.within_24h', 'detection.within_24h[incursion]')
    """
    return f"{measure}[{part}]" if part else measure


def all_measures() -> list[Measure]:
    """Return one measure of each kind, in the order of a report."""
    kinds = [kind for kind in Measure.kinds.values() if issubclass(kind, Measure)]
    return [kind(name=kind.kind_name) for kind in sorted(kinds, key=lambda kind: (kind.order, kind.kind_name))]


def rows_of(results: Results) -> Ints:
    """Return for each incident the place of its replication among all replications. Shape (N,)."""
    return np.searchsorted(results.tallies["replication"], results.incidents["replication"])


def violations(results: Results) -> Bools:
    """Return which incidents break the cease-fire. Shape (N,)."""
    return ~np.asarray(results.incidents["benign"], dtype=bool)


def parts(results: Results) -> Iterator[tuple[str, Bools]]:
    """Iterate over the whole, named '', and each kind of violation in the order of the scenario, with its rows of shape (N,)."""
    committed = violations(results)
    yield "", committed
    kind = results.incidents["kind"]
    for name in results.scenario.violations:
        rows = committed & (kind == name)
        if rows.any():
            yield name, rows


def share_of(results: Results, hits: Bools, among: Bools) -> Ratio:
    """Return, per replication, how many of some incidents are hits, and how many there are."""
    return Ratio(count(results, hits & among), count(results, among))


def count(results: Results, rows: Bools) -> Floats:
    """Return the number of these incidents in each replication. Shape (R,)."""
    return np.bincount(rows_of(results)[rows], minlength=results.replications).astype(np.float64)


class Waits(NamedTuple):
    """How long violations went unseen. Shape (N,)."""

    time_s: Floats
    """From the act to the first alarm on the desk; infinite for what was missed for good."""
    event: Bools
    """False where the run ended before it could be known, see `cut_off`, and also for what was missed."""
    replication: Ints
    """Place of the replication."""

    @property
    def censored(self) -> Bools | None:
        """What `woodruff` takes as `event`: nothing where no wait was cut off by the end of the run."""
        return self.event if (~self.event & np.isfinite(self.time_s)).any() else None


def waits(results: Results, rows: Bools) -> Waits:
    """Return the waits for detection of some incidents: detected, missed for good, or cut off by the end of the run."""
    start_s, detected_s = (results.incidents[name][rows] for name in ("start_s", "detected_s"))
    time_s = np.where(cut_off(results)[rows], results.stage.horizon_s, detected_s) - start_s
    return Waits(time_s, np.isfinite(detected_s), rows_of(results)[rows])


def cut_off(results: Results) -> Bools:
    """Return which incidents the end of the run cut off: undetected, but still there, or seen and on the way to the desk. Shape (N,)."""
    seen_s, detected_s, last_s = (results.incidents[name] for name in ("seen_s", "detected_s", "last_s"))
    return np.asarray(~np.isfinite(detected_s) & ((last_s > results.stage.horizon_s) | np.isfinite(seen_s)))


def followed(results: Results, span_s: float, since: str = "start_s") -> Bools:
    """Return which incidents were followed for a span of time after their start, and after an instant of theirs if it came. Shape (N,).

    Shares within a time are taken over these, so that the end of the run does not look like a failure. The start counts as well because
    an incident near the end whose instant has not come is not one that never has it.
    """
    start_s, since_s = results.incidents["start_s"], results.incidents[since]
    from_s = np.where(np.isfinite(since_s), np.maximum(start_s, since_s), start_s)
    return np.asarray(from_s + span_s <= results.stage.horizon_s)


def tally_of(results: Results, name: str) -> Floats:
    """Return a tally, zero in every replication where nothing was tallied. Shape (R,)."""
    return np.asarray(results.tallies[name]) if name in results.tallies else np.zeros(results.replications)


def mix_of(results: Results) -> str:
    """Return how a picture names the mix."""
    return f"Mix {results.mix}" if results.mix else "The scenario as it stands"


def runs(count: int) -> str:
    """Return a number of replications in words.

    >>> runs(1), runs(20)
    ('1 replication', '20 replications')
    """
    return "1 replication" if count == 1 else f"{count} replications"


def spoken(name: str) -> str:
    """Return the name of an entry as a sentence has it.

    >>> spoken("rocket_fire"), spoken("gun-in-zone")
    ('rocket fire', 'gun in zone')
    """
    return name.replace("_", " ").replace("-", " ")


def percent(share: float) -> str:
    """Return a share as people say it, without false certainty at the ends.

    >>> percent(0.8142), percent(0.0), percent(0.0004), percent(0.9996), percent(float("nan"))
    ('81 %', '0 %', 'under 1 %', 'over 99 %', '-')
    """
    if share != share:
        return "-"
    if 0.0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= share < 1.0 else f"{100 * share:.0f} %"


def plain(text: str) -> str:
    """Return a user's text so that a figure shows it as it is written: a pair of dollar signs would be read as mathematics."""
    return text.replace("$", r"\$")


def heading(figure: "Figure", title: str, subtitle: str) -> None:
    """Write the question and, below it, the measure, the mix and the one number."""
    width_in, height_in = figure.get_size_inches()
    lines = "\n".join(wrap(plain(subtitle), int(13 * width_in)))
    figure.text(0.035, 1 - 0.22 / height_in, plain(title), size=17, weight="bold", color=INK, va="top")
    figure.text(0.035, 1 - 0.60 / height_in, lines, size=10.5, color=GREY, va="top", linespacing=1.3)


def remark(figure: "Figure", text: str) -> None:
    """Write how the picture is to be read, small, at its foot."""
    width_in, height_in = figure.get_size_inches()
    lines = wrap(plain(text), int(16 * width_in))
    figure.text(0.035, 0.12 / height_in, "\n".join(lines), size=8, color=GREY, va="bottom", linespacing=1.4)


TICKS_S = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 60 * DAY)


def time_axis(axes: "Axes", low_s: float, high_s: float) -> None:
    """Make the horizontal axis one of durations on a logarithmic scale, labelled in words, with 1 h, 24 h and 72 h ruled."""
    axes.set_xscale("log")
    axes.set_xlim(low_s, high_s)
    crowded = high_s > 1e4 * low_s
    ticks = [tick for tick in TICKS_S if low_s <= tick <= high_s and not (crowded and tick in (3 * HOUR, 12 * HOUR))]
    axes.set_xticks(ticks, [f"{tick / HOUR:.0f} h" if tick in (DAY, 3 * DAY) else duration(tick) for tick in ticks])
    axes.minorticks_off()
    axes.tick_params(axis="x", pad=7)
    for tick, label in zip(ticks, axes.get_xticklabels(), strict=True):
        if tick in (HOUR, DAY, 3 * DAY):
            axes.axvline(tick, color="#8c8a84", lw=0.9, zorder=1)
            label.set(color=INK, weight="bold")


def calm(axes: "Axes") -> None:
    """Take away what carries no number: frame, tick marks, a heavy grid."""
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=9.5, colors=GREY)
    axes.grid(color=FAINT, lw=0.6)
    axes.set_axisbelow(True)


def apart(heights: Floats, gap: float) -> Floats:
    """Return heights moved as little as it takes to lie a gap apart, in their order, within 0 and 1 as far as there is room.

    >>> apart(np.array([0.5, 0.5, 0.9]), 0.1).round(3).tolist()
    [0.45, 0.55, 0.9]
    """
    order = np.argsort(heights, kind="stable")
    moved = np.nan_to_num(heights[order])
    for _ in range(200):
        short = np.maximum(gap - np.diff(moved), 0.0) / 2
        moved[:-1] -= short
        moved[1:] += short
        moved += max(0.0, -float(moved.min(initial=0.0)) / 8) - max(0.0, (float(moved.max(initial=0.0)) - 1.0) / 8)
    placed = np.empty_like(moved)
    placed[order] = moved
    return placed
