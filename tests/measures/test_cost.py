"""Five masts at 100 EUR and six analysts at 250 EUR, for ten days."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from sim.measures.cost import Cost
from sim.story import Results

Told: TypeAlias = Callable[..., Results]


def test_a_day_costs_what_the_scenario_says(told: Told) -> None:
    table = {(row.measure, row.slice): row for row in Cost().table(told())}
    whole = table["cost.per_day", ""]
    assert (whole.estimate, whole.low, whole.high, whole.headline) == (2000.0, 2000.0, 2000.0, True)
    assert table["cost.per_day", "masts"].estimate == 500.0
    assert table["cost.per_day", "analysts"].estimate == 1500.0


def test_a_find_costs_more_where_others_find_nothing(told: Told) -> None:
    results = told({"detected": 1.0}, {"detected": 2.0}, {}, {"replication": 1})
    per_find = {row.measure: row for row in Cost().table(results)}["cost.per_detected"]
    assert per_find.estimate == pytest.approx(2 * 20_000 / 2)
    assert per_find.n_events == 2
