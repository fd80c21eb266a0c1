"""The exposure kernel: two forms of each function, and each the inverse of the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kinds import Floats
from sim.physics.exposure import reached_m, reached_plain_m, seen_m, seen_plain_m, within, within_plain

Arcs = list[tuple[float, float]]


@st.composite
def laps(draw: st.DrawFn) -> tuple[float, Arcs]:
    """A lap in whole millimetres with one to ten stretches in view."""
    cuts = sorted(draw(st.sets(st.integers(0, 10**7), min_size=2, max_size=20)))
    arcs = [(a / 1000, b / 1000) for a, b in zip(cuts[::2], cuts[1::2], strict=False)]
    return draw(st.integers(cuts[-1], 2 * 10**7)) / 1000, arcs


def padded(arcs: Arcs, lap_m: float) -> Floats:
    """Two stretches of no length at either end."""
    return np.array([[(0.0, 0.0), (0.0, 0.0), *arcs, (lap_m, lap_m), (lap_m, lap_m)]])


def one(value: float) -> Floats:
    return np.array([value])


PLACES = st.floats(0.0, 1e6)
WAYS = st.floats(0.0, 1e6)


@given(laps(), PLACES, WAYS)
def test_plain_and_array_forms_see_the_same(lap: tuple[float, Arcs], from_m: float, way_m: float) -> None:
    lap_m, arcs = lap
    plain = seen_plain_m(from_m, from_m + way_m, lap_m, arcs)
    assert seen_m(one(from_m), one(from_m + way_m), one(lap_m), np.array([arcs])).tolist() == [plain]


@given(laps(), PLACES, st.floats(0.0, 1e5))
def test_plain_and_array_forms_reach_the_same(lap: tuple[float, Arcs], from_m: float, need_m: float) -> None:
    lap_m, arcs = lap
    plain = reached_plain_m(from_m, need_m, lap_m, arcs)
    assert reached_m(one(from_m), one(need_m), one(lap_m), np.array([arcs])).tolist() == [plain]


@given(laps(), PLACES, WAYS, WAYS)
def test_what_is_seen_adds_up(lap: tuple[float, Arcs], from_m: float, way_m: float, more_m: float) -> None:
    lap_m, arcs = lap
    middle_m, to_m = from_m + way_m, from_m + way_m + more_m
    parts = seen_plain_m(from_m, middle_m, lap_m, arcs) + seen_plain_m(middle_m, to_m, lap_m, arcs)
    assert seen_plain_m(from_m, to_m, lap_m, arcs) == pytest.approx(parts, abs=1e-6)


@given(laps(), PLACES, WAYS)
def test_nobody_sees_for_longer_than_they_move(lap: tuple[float, Arcs], from_m: float, way_m: float) -> None:
    lap_m, arcs = lap
    assert -1e-6 <= seen_plain_m(from_m, from_m + way_m, lap_m, arcs) <= way_m + 1e-6


@given(laps(), PLACES, st.floats(0.001, 1e5))
def test_reaching_undoes_seeing(lap: tuple[float, Arcs], from_m: float, need_m: float) -> None:
    lap_m, arcs = lap
    place_m = reached_plain_m(from_m, need_m, lap_m, arcs)
    assert seen_plain_m(from_m, place_m, lap_m, arcs) == pytest.approx(need_m, abs=1e-4)


@given(laps(), PLACES)
def test_no_need_is_met_where_the_target_next_comes_in_view(lap: tuple[float, Arcs], from_m: float) -> None:
    lap_m, arcs = lap
    place_m = reached_plain_m(from_m, 0.0, lap_m, arcs)
    assert from_m <= place_m <= from_m + lap_m
    assert seen_plain_m(from_m, place_m, lap_m, arcs) == pytest.approx(0.0, abs=1e-6)
    assert seen_plain_m(place_m, place_m + 0.001, lap_m, arcs) > 0.0


@given(laps(), PLACES, WAYS)
def test_stretches_of_no_length_change_nothing(lap: tuple[float, Arcs], from_m: float, way_m: float) -> None:
    lap_m, arcs = lap
    bare, wide = np.array([arcs]), padded(arcs, lap_m)
    start, end, lap_of_one = one(from_m), one(from_m + way_m), one(lap_m)
    assert seen_m(start, end, lap_of_one, wide).tolist() == seen_m(start, end, lap_of_one, bare).tolist()
    for need_m in (0.0, way_m):
        assert reached_m(start, one(need_m), lap_of_one, wide).tolist() == reached_m(start, one(need_m), lap_of_one, bare).tolist()


def test_a_lap_of_one_hundred_metres_with_two_looks_of_ten() -> None:
    arcs = [(20.0, 30.0), (70.0, 80.0)]
    assert within_plain(75.0, arcs) == 15.0
    assert within(one(75.0), np.array([arcs])).tolist() == [15.0]
    assert seen_plain_m(25.0, 325.0, 100.0, arcs) == 60.0  # three laps from anywhere
    assert seen_plain_m(25.0, 75.0, 100.0, arcs) == 10.0
    assert reached_plain_m(25.0, 12.0, 100.0, arcs) == 77.0
    assert reached_plain_m(25.0, 0.0, 100.0, arcs) == 25.0
    assert reached_plain_m(50.0, 0.0, 100.0, arcs) == 70.0
    assert reached_plain_m(90.0, 0.0, 100.0, arcs) == 120.0
    assert reached_plain_m(90.0, 45.0, 100.0, arcs) == 325.0
