"""Every case with a known answer: by the simulator's functions to the case's own tolerance, and played where the case names a throw.

A case is a line of `cases.json`: inputs, the figures expected, their tolerance, that of a simulation, the source. `formulas` computes them
with functions of the simulator, `orbits` with SGP4, `played` lets the simulator play them. Run alone with `python -m verification.cases`.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from sim.kinds import Floats
from verification import orbits, played
from verification.board import Row, publish
from verification.formulas import FORMULAS, Figures

FILE = Path(__file__).with_name("cases.json")
Tolerance = Mapping[str, float]
ROUNDED = 1e-11
"""The figures of the file have twelve digits."""


class Case(NamedTuple):
    """A question with a known answer."""

    id: str
    what: str
    inputs: dict[str, Any]
    expected: dict[str, Any]
    """Figures by name: numbers or lists of them."""
    tolerance: Tolerance
    """`abs` or `rel`."""
    source: str
    tolerance_of: Mapping[str, Tolerance] = MappingProxyType({})
    """By figure, where it differs."""
    simulated: Tolerance | None = None
    """That of a simulation, where the case names one."""
    simulated_of: Mapping[str, Tolerance] = MappingProxyType({})


def read() -> list[Case]:
    """Return all cases."""
    return [Case(**record) for record in json.loads(FILE.read_text(encoding="utf-8"))]


def rows() -> Iterator[Row]:
    """Check each case in turn, and that none was left out."""
    cases, told = read(), set[str]()
    for case in cases:
        for row in of(case):
            told.add(case.id)
            yield row
    missing = [case.id for case in cases if case.id not in told]
    yield Row(
        "cases",
        "cases with known answers that are told above",
        f"{len(told)} of {len(cases)} {' '.join(missing)}".strip(),
        "all",
        not missing,
    )


def of(case: Case) -> Iterator[Row]:
    """Check one case in every way that there is."""
    if case.id in FORMULAS:
        yield judged(case, FORMULAS[case.id](case.inputs))
    if case.id in orbits.PROPAGATED:
        for number, (figures, why) in enumerate(orbits.PROPAGATED[case.id](case.inputs), 1):
            yield judged(case, figures, why=why)._replace(id=f"{case.id}.{number}")
    if case.id in played.PLAYED:
        yield judged(case, played.PLAYED[case.id](case.inputs), " played")


def judged(case: Case, figures: Figures, mark: str = "", why: str = "") -> Row:
    """Compare figures with what is expected of them; where the case itself is known to be wrong, tell them and judge nothing."""
    usual, special = (case.simulated or played.TIGHT, case.simulated_of) if mark else (case.tolerance, case.tolerance_of)
    found, bars, held = [], [], True
    for name, figure in figures.items():
        tolerance = special.get(name, usual)
        ours, expected = np.asarray(figure, dtype=np.float64), np.asarray(case.expected[name], dtype=np.float64)
        allowed = tolerance["abs"] if "abs" in tolerance else tolerance["rel"] * np.abs(expected)
        held &= ours.shape == expected.shape and bool((np.abs(ours - expected) <= allowed + ROUNDED).all())
        way = f"{tolerance['abs']:g}" if "abs" in tolerance else f"{100 * tolerance['rel']:g} %"
        found.append(f"{name} {shown(ours)}")
        bars.append(f"{shown(expected)} ± {way}")
    what = f"{case.what}{mark and ', played'} ({case.source})"
    if why:
        return Row(case.id + mark, f"{what}. No bar: {why}", "; ".join(found), f"(case: {'; '.join(bars)})", None)
    return Row(case.id + mark, what, "; ".join(found), "; ".join(bars), held)


def shown(figure: Floats) -> str:
    """Return a figure, or several, as a reader wants it.

    >>> shown(np.array([0.5, 12.3456789])), shown(np.asarray(1e-6))
    ('0.5 12.346', '1e-06')
    """
    return " ".join(f"{value:.5g}" for value in np.atleast_1d(figure))


if __name__ == "__main__":
    sys.exit(0 if publish("cases", "Cases with known answers", rows()) else 1)
