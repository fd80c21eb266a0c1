"""How long from the act to its detection, its case, and its findings."""

from collections.abc import Iterator
from typing import ClassVar, NamedTuple

import numpy as np

from sim.intervals import quantile_values, restricted_means, woodruff
from sim.kinds import Bools, Floats, Ints
from sim.measures.base import Comparable, Measure, Reading, key_of, parts, rows_of, waits
from sim.story import Estimate, Results
from sim.units import DAY

TAU_S = 3 * DAY
STAGES = {"reported": "act to case opened", "verified": "act to verified", "attributed": "act to attribution"}


class Asked(NamedTuple):
    """A quantile of durations that is asked for."""

    measure: str
    label: str
    part: str
    q: float
    time_s: Floats
    event: Bools | None
    replication: Ints
    headline: bool


class Latency(Measure, kind="latency"):
    """The time from the act to its detection, with what was missed counted as never; no mean over the detected alone."""

    title: ClassVar[str] = "How long does a violation go unseen?"
    order: ClassVar[int] = 20

    def readings(self, results: Results) -> list[Reading]:
        """Take the mean time to detection up to 72 h, in which a missed violation counts 72 h."""
        readings = []
        for part, rows in parts(results):
            time_s, event, replication = waits(results, rows)
            values = restricted_means(time_s, event, replication, TAU_S, results.replications)
            label, method = "time to detection up to 72 h, mean", "area under Kaplan-Meier, jackknife"
            readings.append(Reading("latency.mean_72h", label, part, values, "s", len(time_s), method=method, most=TAU_S))
        return readings

    def quantiles(self, results: Results) -> Iterator[Asked]:
        """Iterate over the quantiles of the table: of detection, and medians of what the desk makes of it by the end of the run."""
        for part, rows in parts(results):
            wait, whole = waits(results, rows), part == ""
            for name, q, word in (("median", 0.5, "median"), ("p90", 0.9, "p90")):
                yield Asked(
                    f"latency.{name}",
                    f"time to detection, {word}",
                    part,
                    q,
                    wait.time_s,
                    wait.censored,
                    wait.replication,
                    whole and q == 0.5,
                )
            for stage, label in STAGES.items():
                time_s = (results.incidents[f"{stage}_s"] - results.incidents["start_s"])[rows]
                yield Asked(f"latency.to_{stage}", f"{label}, median", part, 0.5, time_s, None, rows_of(results)[rows], False)

    def table(self, results: Results) -> list[Estimate]:
        """Return quantiles, infinite where too many never come so far, and the mean up to 72 h."""
        rows = []
        for asked in self.quantiles(results):
            found = woodruff(asked.time_s, asked.replication, asked.q, asked.event)
            size = (len(np.unique(asked.replication)), len(asked.time_s))
            rows.append(Estimate(asked.measure, asked.label, asked.part, *found[:3], "s", *size, found.method, asked.headline))
        return rows + super().table(results)

    def by_replication(self, results: Results) -> dict[str, Comparable]:
        """Return linear terms of the quantiles beside the pseudo-values of the mean; quantiles without a finite interval are left out."""
        values: dict[str, Comparable] = {}
        for asked in self.quantiles(results):
            terms = quantile_values(asked.time_s, asked.replication, asked.q, results.replications, asked.event)
            if not np.isnan(terms).all():
                values[key_of(asked.measure, asked.part)] = terms
        return values | super().by_replication(results)
