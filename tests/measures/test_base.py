from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.intervals import Ratio
from sim.measures.base import Measure, Reading, all_measures, followed, mix_of, plain, waits
from sim.story import Results
from sim.units import HOUR

Told: TypeAlias = Callable[..., Results]


def test_measures_come_once_each_in_the_order_of_a_report() -> None:
    names = [measure.kind_name for measure in all_measures()]
    own = ["detection", "latency", "verification", "accusation", "deadlines", "desk_load", "cost"]
    assert [name for name in names if name in own] == own
    assert len(set(names)) == len(names)
    assert all(measure.title.endswith("?") for measure in all_measures())


def test_every_number_that_can_be_compared_stands_in_the_table(told: Told) -> None:
    results = told({"detected": 2.0}, {"replication": 1, "detected": 3.0}, {"replication": 1, "kind": "incursion"})
    for measure in all_measures():
        if measure.kind_name == "coverage":
            continue
        rows = {(row.measure, row.slice) for row in measure.table(results)}
        for key, values in measure.by_replication(results).items():
            name, _, part = key.removesuffix("]").partition("[")
            assert (name, part) in rows
            assert len(values.numerator if isinstance(values, Ratio) else values) == 2


def test_a_run_without_violations_has_tables_without_numbers_and_pictures_without_curves(told: Told) -> None:
    empty = told()
    for measure in all_measures():
        if measure.kind_name == "coverage":
            continue
        assert all(row.n_events == 0 for row in measure.table(empty))
        if measure.has_figure:
            measure.draw(empty, Figure())


def test_one_replication_has_numbers_and_pictures_without_intervals(told: Told) -> None:
    alone = told({"detected": 2.0, "decided_warning": 4.0}, {"start": 300.0, "last": 400.0}, replications=1)
    for measure in all_measures():
        if measure.kind_name == "coverage":
            continue
        exact = [row for row in measure.table(alone) if row.method.startswith("exact")]
        assert all(np.isnan(row.low) and np.isnan(row.high) for row in measure.table(alone) if row not in exact)
        if measure.has_figure:
            FigureCanvasAgg(figure := Figure())
            measure.draw(alone, figure)
            figure.canvas.draw()


def test_a_measure_without_a_picture_says_so(told: Told) -> None:
    plainest = next(measure for measure in all_measures() if not measure.has_figure)
    with pytest.raises(TypeError, match="has no figure"):
        Measure.draw(plainest, told(), Figure())


def test_the_unit_chooses_the_interval() -> None:
    half = Ratio(np.array([1.0, 1.0, 0.0]), np.array([2.0, 1.0, 2.0]))
    methods = [Reading("m", "m", "", half, unit, 5).interval().method for unit in ("share", "per day", "EUR")]
    assert methods[0].endswith("t on the logit scale")
    assert methods[1].endswith("t on the logarithmic scale")
    assert methods[2] == "ratio estimator over 3 replications, t on the logarithmic scale"
    shares, waits_s = np.array([0.9, 1.0, 1.1]), np.array([60.0, 600.0, 6000.0])
    assert Reading("m", "m", "", shares - 0.05, "share", 3).interval().high < 1.0
    assert Reading("m", "m", "", waits_s, "s", 3).interval().low > 0.0
    assert Reading("m", "m", "", waits_s, "s", 3, most=7200.0).interval().high < 7200.0


def test_only_what_the_end_of_the_run_cut_off_is_censored(told: Told) -> None:
    results = told({"start": 300.0, "detected": 302.0}, {"start": 300.0, "last": 312.0}, {"start": 300.0, "last": 313.0})
    found = waits(results, np.ones(3, dtype=bool))  # The run ends after 13 days: 312 h.
    assert found.time_s.tolist() == [2 * HOUR, np.inf, 12 * HOUR]
    assert found.event.tolist() == [True, False, False]
    assert found.censored is found.event


def test_what_was_seen_but_had_not_come_to_the_desk_is_cut_off_and_not_missed(told: Told) -> None:
    found = waits(told({"start": 300.0, "seen": 301.0, "last": 302.0}), np.ones(1, dtype=bool))
    assert found.time_s.tolist() == [12 * HOUR]
    assert found.censored is found.event


def test_what_began_too_late_is_not_followed_whether_its_instant_came_or_not(told: Told) -> None:
    late, early = {"start": 290.0}, {"start": 100.0}
    results = told(late, {**late, "detected": 291.0}, early, {**early, "detected": 290.0}, {**early, "detected": 280.0})
    assert followed(results, 24 * HOUR, "detected_s").tolist() == [False, False, True, False, True]


def test_replications_that_have_nothing_to_tell_are_not_counted() -> None:
    rates = Ratio(np.array([1.0, 0.0, 0.0]), np.array([2.0, 0.0, 2.0]))
    values = np.array([1.0, np.nan, np.inf])
    assert [Reading("m", "m", "", given, "share", 4).estimate().n_replications for given in (rates, values)] == [2, 2]


def test_a_name_with_dollars_is_no_formula(told: Told) -> None:
    assert plain("$5 or $6") == r"\$5 or \$6"
    assert mix_of(told()) == "Mix B"
