"""Mixes side by side: which inputs differ, and what difference that makes under the same luck."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from sim.errors import TrucelineError
from sim.intervals import LEVEL, Paired, paired
from sim.measures.base import Comparable, all_measures, key_of
from sim.report import Table, figures_of, many, worded
from sim.scenario import resolved
from sim.story import Estimate, Results

ABSENT = "none"
MOST_NAMED = 3
"""Inputs of one sort that a line names before it says how many more there are."""


class Change(NamedTuple):
    """An input that differs from the baseline's."""

    mix: str
    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.mix}  {self.path}: {shown(self.old)} -> {shown(self.new)}"


class Difference(NamedTuple):
    """How far a mix lies from the baseline in one number."""

    mix: str
    estimate: Estimate
    """The mix's own."""
    paired: Paired


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mixes against a baseline, over the replications that all of them have."""

    baseline: str
    mixes: tuple[str, ...]
    replications: int
    changes: tuple[Change, ...]
    baselines: tuple[Estimate, ...]
    """The baseline's numbers, in the order of a report."""
    differences: tuple[tuple[Difference | None, ...], ...]
    """For each of these numbers, each mix's difference, or None where the number has no value a replication."""
    asked: int | None = None
    """How many replications were asked for; None where stored runs are compared as they are."""
    on_disk: int = 0
    """How many the mix with the most has."""

    @property
    def level(self) -> float:
        """Confidence of one interval, so that all intervals of a row hold together with `LEVEL` (Bonferroni)."""
        return family_level(len(self.mixes))

    def table(self, everything: bool = False) -> Table:
        """Return the baseline's numbers and each mix's difference from them, with simultaneous intervals."""
        columns = ("", self.baseline, *self.mixes)
        rows = []
        for base, row in zip(self.baselines, self.differences, strict=True):
            if base.headline or everything:
                label = f"  {base.label}: {base.slice}" if base.slice else base.label
                rows.append((label, worded(base.estimate, base.unit), *(cell(found, base.unit) for found in row)))
        return Table(columns, tuple(rows), self.caption, repeated=2)

    @property
    def caption(self) -> str:
        """What the intervals are."""
        among = f", all {len(self.mixes)} of a row together (Bonferroni)" if len(self.mixes) > 1 else ""
        paired_over = f"paired over {many(self.replications, 'replication')} (same violations, same weather)"
        asked = f"{self.asked} asked for, " if self.asked not in (None, self.on_disk) else ""
        most = f", {asked}up to {self.on_disk} on disk" if asked or self.on_disk > self.replications else ""
        return f"differences from {self.baseline}, {paired_over}{most}; 95 % intervals{among}"

    def inputs(self, everything: bool = False) -> list[str]:
        """Return lines on the inputs that differ from the baseline's: at most three a mix, or one an input."""
        if not self.changes:
            return []
        lines = [str(change) for change in self.changes] if everything else folded(self.changes)
        return [f"inputs that differ from {self.baseline}", *(f"  {line}" for line in lines)]

    def pairing(self) -> Table:
        """Return how well the mixes share their luck: correlation, and how many times fewer replications the pairing needs."""
        rows = []
        for base, row in zip(self.baselines, self.differences, strict=True):
            for found in row if base.headline else ():
                if found is not None and found.paired.correlation == found.paired.correlation:
                    gain = found.paired.variance_ratio
                    rows.append((f"{base.label}, {found.mix}", number(found.paired.correlation), number(gain)))
        return Table(("", "correlation", "variance ratio"), tuple(rows), "what the pairing gains")

    def __str__(self) -> str:
        return "\n".join([*self.inputs(), str(self.table()), "", str(self.pairing())])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self.table()._repr_html_() + self.pairing()._repr_html_()

    def plain(self) -> dict[str, Any]:
        """Return the comparison as values for JSON; what is undefined or infinite is null."""
        numbers = [
            {
                "measure": key_of(base.measure, base.slice),
                "label": base.label,
                "unit": base.unit,
                "baseline": finite(base.estimate),
                "mixes": {found.mix: plain(found) for found in row if found is not None},
            }
            for base, row in zip(self.baselines, self.differences, strict=True)
        ]
        family = {"level": LEVEL, "adjustment": "Bonferroni" if len(self.mixes) > 1 else "none", "level_of_each": self.level}
        changes = [change._asdict() for change in self.changes]
        counts = {"replications": self.replications, "asked": self.asked, "on_disk": self.on_disk}
        return {"baseline": self.baseline, **counts, "family": family, "inputs": changes, "measures": numbers}


def plain(found: Difference) -> dict[str, Any]:
    """Return one difference as values for JSON."""
    numbers = {name: finite(value) for name, value in found.paired._asdict().items() if name != "method"}
    return {"estimate": finite(found.estimate.estimate), **numbers, "method": found.paired.method}


def family_level(count: int) -> float:
    """Return the confidence that each of several intervals needs so that all hold with `LEVEL`.

    Source: C. E. Bonferroni (1936); it holds whatever the dependence between the mixes.

    >>> family_level(1), family_level(5)
    (0.95, 0.99)
    """
    return 1.0 - (1.0 - LEVEL) / max(count, 1)


def compared(baseline: Results, others: Sequence[Results], asked: int | None = None) -> Comparison:
    """Return how mixes differ from a baseline.

    Args:
        baseline: What the others are compared with.
        others: The other mixes.
        asked: How many replications were asked for, where somebody asked.

    Raises:
        TrucelineError: They do not share seed and replications, so that their luck is not the same.
    """
    seed = baseline.scenario.experiment.seed
    for other in others:
        if other.scenario.experiment.seed != seed:
            raise TrucelineError(
                f"{other.mix!r} was run with the seed {other.scenario.experiment.seed} and {baseline.mix!r} with {seed}; "
                f"run one again with --seed {seed}"
            )
    shared = common([baseline, *others])
    if not len(shared):
        raise TrucelineError("the runs have no replication in common; run them with the same --replications")
    base, *rest = (restricted(results, shared) for results in (baseline, *others))
    level = family_level(len(others))
    columns = [differences(base, results, level) for results in rest]
    rows = tuple(estimates(base).values())
    table = tuple(tuple(column.get(key_of(row.measure, row.slice)) for column in columns) for row in rows)
    changes = tuple(change for results in rest for change in changes_between(base, results))
    most = max(results.replications for results in (baseline, *others))
    return Comparison(base.mix, tuple(results.mix for results in rest), len(shared), changes, rows, table, asked, most)


def differences(base: Results, other: Results, level: float) -> dict[str, Difference]:
    """Return a mix's difference in every number that has a value, or a numerator and a denominator, in each replication."""
    own, theirs, ours = estimates(other), readings(other), readings(base)
    return {key: Difference(other.mix, own[key], paired(theirs[key], ours[key], level)) for key in ours if key in theirs and key in own}


def estimates(results: Results) -> dict[str, Estimate]:
    """Return all numbers of a run, by the name that they have in every mix."""
    return {key_of(row.measure, row.slice): row for measure in all_measures() for row in measure.table(results)}


def readings(results: Results) -> dict[str, Comparable]:
    """Return all numbers that have a value, or a numerator and a denominator, in each replication."""
    return {name: values for measure in all_measures() for name, values in measure.by_replication(results).items()}


def common(runs: Sequence[Results]) -> np.ndarray:
    """Return the replications that all runs have, in order."""
    shared = np.asarray(runs[0].tallies["replication"])
    for results in runs[1:]:
        shared = np.intersect1d(shared, results.tallies["replication"])
    return shared


def restricted(results: Results, numbers: np.ndarray) -> Results:
    """Return the results of some replications only."""
    rows = np.isin(results.tallies["replication"], numbers)
    if rows.all():
        return results
    tallies = {name: column[rows] for name, column in results.tallies.items()}
    tables = [
        {name: column[np.isin(table["replication"], numbers)] for name, column in table.items()}
        for table in (results.incidents, results.cells)
    ]
    return Results(results.scenario, results.stage, results.mix, tallies, *tables)


# Inputs


def changes_between(base: Results, other: Results) -> Iterator[Change]:
    """Iterate over the inputs in which a mix differs, the highest block that is new or gone as a whole."""
    values = [{**resolved(results.scenario), "name": "", "description": "", "experiment": {}} for results in (base, other)]
    for path, old, new in differing(values[0], values[1], ()):
        yield Change(other.mix, ".".join(path), old, new)


def differing(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Iterate over path, old and new value where two plain values differ."""
    if isinstance(old, dict) and isinstance(new, dict) and path[-1:] != ("kind",):
        for key in dict.fromkeys([*old, *new]):
            yield from differing(old.get(key), new.get(key), (*path, key))
    elif old != new:
        yield path, old, new


def shown(value: Any) -> str:
    """Return an input as a line shows it: a block by its kind.

    >>> shown(None), shown({"kind": "satellites", "planes": 3}), shown([1, 2]), shown(15.0)
    ('none', 'satellites', '[1, 2]', '15')
    """
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        return str(value.get("kind", "{...}"))
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:56]} ..."


def folded(changes: Sequence[Change]) -> list[str]:
    """Return changes in up to three lines a mix: blocks that are gone, blocks that are new, values that differ."""
    lines = []
    for mix in dict.fromkeys(change.mix for change in changes):
        own = [change for change in changes if change.mix == mix]
        gone = [change for change in own if change.new is None and isinstance(change.old, dict)]
        fresh = [change for change in own if change.old is None and isinstance(change.new, dict)]
        sorts = (
            ("removed: ", [change.path for change in gone], ", "),
            ("added: ", [f"{change.path} ({shown(change.new)})" for change in fresh], ", "),
            ("", [str(change).removeprefix(f"{mix}  ") for change in own if change not in (*gone, *fresh)], "; "),
        )
        lines += [f"{mix}  {word}{few(texts, between)}" for word, texts, between in sorts if texts]
    return lines


def few(texts: Sequence[str], between: str) -> str:
    """Return the first of several texts in a line, and how many more there are.

    >>> few(["a", "b", "c", "d", "e"], ", "), few(["a", "b"], "; ")
    ('a, b, c, 2 more', 'a; b')
    """
    more = [f"{len(texts) - MOST_NAMED} more"] if len(texts) > MOST_NAMED else []
    return between.join([*texts[:MOST_NAMED], *more])


# Numbers in words


def cell(found: Difference | None, unit: str) -> str:
    """Return a difference in words, with half the width of its interval."""
    if found is None or found.paired.difference != found.paired.difference:
        return "-"
    half = (found.paired.high - found.paired.low) / 2
    return signed(found.paired.difference, half, unit)


def signed(value: float, half: float, unit: str) -> str:
    """Return a difference in words, with its sign, half its interval, and the unit once; shares differ by points.

    >>> signed(-0.2, 40.0, "s")
    '+0 s ± 40 s'
    >>> signed(0.184, 0.006, "share"), signed(-43800.0, 3000.0, "s"), signed(0.0, float("nan"), "per day")
    ('+18.4 ± 0.6 pts', '-12 h ± 50 min', '+0 per day')
    """
    numbers = [figure(number, unit) for number in (abs(value), half) if number == number]
    sign = "-" if value < 0.0 and (value == -np.inf or any(digit in numbers[0] for digit in "123456789")) else "+"
    word = "" if unit in ("s", "wait") else "pts" if unit == "share" else unit
    return f"{sign}{' ± '.join(numbers)} {word}".rstrip()


def figure(value: float, unit: str) -> str:
    """Return the number of a difference without its unit; a duration has its own."""
    return worded(value, unit) if unit in ("s", "wait") else f"{100.0 * value:.1f}" if unit == "share" else figures_of(value)


def number(value: float) -> str:
    """Return a bare number in words."""
    return "-" if value != value else "no limit" if value == float("inf") else figures_of(value)


def finite(value: float) -> float | None:
    """Return a number as JSON knows it."""
    return value if np.isfinite(value) else None
