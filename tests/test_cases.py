"""The cases with known answers: none is forgotten, formulas hold them, and a wrong figure is told."""

import numpy as np
import pytest

from verification import orbits, played
from verification.cases import Case, judged, of, read
from verification.formulas import FORMULAS

CASES = read()


def test_each_case_is_told_in_some_way() -> None:
    assert len({case.id for case in CASES}) == len(CASES) == 53
    assert {case.id for case in CASES} == FORMULAS.keys() | orbits.PROPAGATED.keys() | played.PLAYED.keys()
    assert all(case.source for case in CASES)


@pytest.mark.parametrize("case", [case for case in CASES if case.id in FORMULAS], ids=lambda case: case.id)
def test_the_formulas_of_the_simulator_hold_the_case(case: Case) -> None:
    row = judged(case, FORMULAS[case.id](case.inputs))
    assert row.held, row.figure


def test_a_figure_beyond_its_tolerance_is_told_and_one_of_another_shape_too() -> None:
    case = Case("X", "two figures", {}, {"a": [1.0, 2.0]}, {"rel": 0.01}, "derived")
    assert judged(case, {"a": np.array([1.009, 2.0])}).held
    assert judged(case, {"a": np.array([1.011, 2.0])}).held is False
    assert judged(case, {"a": 1.0}).held is False
    assert judged(case, {"a": np.array([np.nan, 2.0])}).held is False


def test_a_case_that_is_known_to_be_wrong_is_told_and_not_judged() -> None:
    row = judged(Case("X", "a figure", {}, {"a": 1.0}, {"abs": 0.1}, "derived"), {"a": 2.0}, why="the sun was forgotten")
    assert row.held is None
    assert "the sun was forgotten" in row.what


def test_a_case_that_names_throws_is_held_to_their_tolerance() -> None:
    case = Case("X", "a share", {}, {"a": 0.5, "b": 10.0}, {"abs": 1e-9}, "derived", {}, {"abs": 0.01}, {"b": {"rel": 0.02}})
    row = judged(case, {"a": 0.495, "b": 10.1}, " played")
    assert row.held
    assert row.id == "X played"
    assert not judged(case, {"a": 0.495, "b": 10.3}, " played").held


def test_a_case_with_a_formula_alone_has_one_row() -> None:
    assert [row.id for row in of(next(case for case in CASES if case.id == "IMG-01"))] == ["IMG-01"]
