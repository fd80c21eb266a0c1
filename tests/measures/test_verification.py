"""Findings of the desk: +1 and -1 name a side, 0 none, 9 is no finding."""

from collections.abc import Callable
from typing import TypeAlias

from sim.measures.verification import Verification
from sim.story import Results

Told: TypeAlias = Callable[..., Results]


def test_five_violations_by_hand(told: Told) -> None:
    results = told(
        {"verified": 20.0, "finding": -1},
        {"verified": 30.0, "finding": 1},
        {"verified": 10.0, "finding": 0, "replication": 1},
        {"verified": 10.0, "finding": 9, "replication": 1},
        {"replication": 1},
    )
    table = {row.measure: row for row in Verification().table(results) if row.slice == ""}
    assert {name.removeprefix("verification."): (row.estimate, row.n_events) for name, row in table.items()} == {
        "verified": (4 / 5, 5),
        "within_24h": (3 / 5, 5),
        "attributed": (2 / 5, 5),
        "undetermined": (1 / 3, 3),
        "correct_side": (1 / 2, 2),
    }
    assert [name for name, row in table.items() if row.headline] == ["verification.within_24h"]
