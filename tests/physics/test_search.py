"""Search theory against its textbook and against geometry done by brute force.

Numbers named SRCH and BARR are cases of B. O. Koopman's laws as in M. J. F. Braga, An introduction to search theory, Naval Postgraduate
School 1974 (AD-777878).
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.kinds import Floats
from sim.physics.search import (
    barrier_share,
    coverage,
    inverse_cube_sweep_m,
    mean_wait_s,
    operator_sweep_m,
    p_back_and_forth,
    p_by_range,
    p_exhaustive,
    p_glimpses,
    p_inverse_cube,
    p_parallel,
    p_random,
    random_search_s,
    sweep_width_m,
)

KMH = 1.0 / 3.6


def test_srch_01_random_search_at_coverage_one() -> None:
    once = coverage(2e3, 100 * KMH, 5 * 3600.0, 1000e6)
    assert once == pytest.approx(1.0)
    assert p_random(once) == pytest.approx(0.6321206, abs=1e-6)


def test_srch_02_random_search_takes_five_hours_on_the_mean() -> None:
    mean_s = random_search_s(2e3, 100 * KMH, 1000e6)
    assert mean_s / 3600 == pytest.approx(5.0)
    assert p_random(coverage(2e3, 100 * KMH, np.log(2.0) * mean_s, 1000e6)) == pytest.approx(0.5)


def test_srch_03_and_04_order_helps() -> None:
    z = np.array([0.25, 0.5, 1.0, 2.0])
    assert p_exhaustive(z).tolist() == [0.25, 0.5, 1.0, 1.0]
    assert p_parallel(z) == pytest.approx([0.2459689, 0.4691159, 0.7899086, 0.9878111], abs=1e-6)
    assert (p_random(z) < p_parallel(z)).all()
    assert (p_parallel(z) < p_exhaustive(z)).all()


def test_srch_05_the_inverse_cube_law_sweeps_five_times_the_root_of_its_strength() -> None:
    lateral_m = 1e3 * np.tan(np.linspace(-1.5705, 1.5705, 20_001))
    integral_m = sweep_width_m(lateral_m, p_inverse_cube(lateral_m, 1e6))
    assert inverse_cube_sweep_m(1e6) == pytest.approx(5013.2565, rel=1e-7)
    assert integral_m == pytest.approx(5013.2565, rel=1e-3)


def test_the_inverse_cube_law_finds_what_it_flies_over() -> None:
    assert p_inverse_cube(np.array([0.0, 1e3, 1e9]), 1e6) == pytest.approx([1.0, 1.0 - np.exp(-2.0), 0.0], abs=1e-9)


def test_parallel_sweeps_agree_with_the_sum_of_inverse_cube_passes() -> None:
    """Tracks 5 km apart: the chance between two of them, over all tracks, is the error function of the book."""
    tracks_m = 5e3 * np.arange(-2000, 2001)
    between_m = np.linspace(0.0, 5e3, 101)[1:-1]
    missed = np.prod(1.0 - p_inverse_cube(between_m[:, None] - tracks_m, 1e6), axis=1)
    assert 1.0 - missed.mean() * 99 / 100 == pytest.approx(p_parallel(inverse_cube_sweep_m(1e6) / 5e3), abs=2e-3)


def test_srch_06_twenty_glimpses_of_one_in_ten() -> None:
    assert p_glimpses(0.1, 20) == pytest.approx(0.8784233, abs=1e-7)


def test_orb_08_looks_at_random_are_waited_for_twice_as_long_as_even_ones() -> None:
    """24 looks a day; gaps at random are the quantiles of the exponential law, 1 in 20 of them longer than three hours."""
    random_h = -np.log1p(-(np.arange(100_000) + 0.5) / 100_000)
    assert mean_wait_s(np.ones(24)) == pytest.approx(0.5)
    assert mean_wait_s(random_h) == pytest.approx(1.0, rel=1e-3)
    assert (random_h > 3.0).mean() == pytest.approx(0.0497871, abs=1e-5)


def test_srch_07_sweep_widths_of_simple_curves() -> None:
    x = np.linspace(-9e3, 9e3, 1801)
    cookie = sweep_width_m(np.array([-3e3, 3e3]), np.array([1.0, 1.0]))
    triangle = sweep_width_m(x, np.maximum(1.0 - np.abs(x) / 3e3, 0.0))
    bell = sweep_width_m(x, 0.9 * np.exp(-((x / 1e3) ** 2) / 2.0))
    assert [cookie, triangle, bell] == pytest.approx([6000.0, 3000.0, 2255.9655], rel=1e-6)


def test_a_logistic_edge_sweeps_about_as_wide_as_a_definite_range() -> None:
    x = np.linspace(-20e3, 20e3, 4001)
    assert sweep_width_m(x, p_by_range(np.abs(x), 3e3, 0.1)) == pytest.approx(6e3, rel=1e-3)


def test_what_has_no_range_is_never_found_and_far_is_never_an_overflow() -> None:
    assert p_by_range(np.array([0.0, 1e12]), np.array([0.0, 1.0]), 0.1) == pytest.approx([0.0, 0.0], abs=1e-12)


def test_img_10_the_operator_limits_the_sweep_before_the_optics_do() -> None:
    assert operator_sweep_m(3e3, 1.0, 0.75e6, 10.0, 250 * KMH) == pytest.approx(1080.0)
    assert operator_sweep_m(300.0, 1.0, 0.75e6, 10.0, 250 * KMH) == pytest.approx(600.0)


def test_barr_01_a_patrol_to_and_fro_lies_between_chance_and_the_bound() -> None:
    share = barrier_share(4e3, 50e3, 100 * KMH, 20 * KMH)
    assert p_exhaustive(share) == pytest.approx(0.4079216, abs=1e-6)
    assert p_random(share) == pytest.approx(0.3349690, abs=1e-6)
    assert p_back_and_forth(4e3, 50e3, 100 * KMH, 20 * KMH) == pytest.approx(0.3764, abs=0.0005)


def met_by_grid(sweep: float, length: float, speed: float, target: float, cells: int = 400) -> float:
    """Share of crossings within half a sweep of the zigzag, on a grid: distances to five legs, before and after half a period."""
    half, leg = sweep / 2.0, length - sweep
    height = target / speed * leg
    x, y = np.meshgrid((np.arange(cells) + 0.5) / cells * length, (np.arange(cells) + 0.5) / cells * height)
    count = int(np.ceil(half / height)) + 1
    least = np.full(x.shape, np.inf)
    for number in range(-count, count + 1):
        ends = (half, length - half) if number % 2 == 0 else (length - half, half)
        least = np.minimum(least, to_leg(x, y, (ends[0], number * height), (ends[1], (number + 1) * height)))
    return float((least <= half).mean())


def to_leg(x: Floats, y: Floats, begin: tuple[float, float], end: tuple[float, float]) -> Floats:
    along, up = end[0] - begin[0], end[1] - begin[1]
    part = np.clip(((x - begin[0]) * along + (y - begin[1]) * up) / (along**2 + up**2), 0.0, 1.0)
    return np.asarray(np.hypot(x - begin[0] - part * along, y - begin[1] - part * up))


@pytest.mark.parametrize(
    ("sweep", "length", "speed", "target"),
    [(4.0, 50.0, 100.0, 20.0), (4.0, 50.0, 20.0, 100.0), (4.0, 9.0, 100.0, 20.0), (4.0, 50.0, 100.0, 2.0), (10.0, 12.0, 10.0, 30.0)],
)
def test_the_exact_geometry_agrees_with_a_grid_of_crossings(sweep: float, length: float, speed: float, target: float) -> None:
    assert p_back_and_forth(sweep, length, speed, target) == pytest.approx(met_by_grid(sweep, length, speed, target), abs=0.004)


@given(
    sweep=st.floats(0.1, 60.0),
    length=st.floats(1.0, 100.0),
    speed=st.floats(1.0, 300.0),
    target=st.floats(1.0, 100.0),
    more=st.floats(1.0, 2.0),
)
def test_no_patrol_beats_the_bound_and_a_wider_sweep_meets_no_less(
    sweep: float, length: float, speed: float, target: float, more: float
) -> None:
    met = p_back_and_forth(sweep, length, speed, target)
    assert 0.0 <= met <= 1.0
    if sweep < length:
        assert met <= p_exhaustive(barrier_share(sweep, length, speed, target)) + 1e-9
    assert p_back_and_forth(sweep * more, length, speed, target) >= met - 1e-9


def test_a_barrier_no_longer_than_the_sweep_lets_nobody_through() -> None:
    assert p_back_and_forth(4e3, np.array([4e3, 3e3]), 10.0, 10.0).tolist() == [1.0, 1.0]
