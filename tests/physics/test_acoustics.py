"""Sound and ground waves against closed forms and against the fixing of positions by least squares."""

import numpy as np
import pytest

from sim.kinds import Floats
from sim.physics.acoustics import (
    NOTED_DB,
    SHOT_DB,
    WEATHER_SHARES,
    WEATHERS,
    bearing_error_rad,
    blast_kg,
    carries_m,
    cross_range_error_m,
    ground_velocity_mps,
    half_heard_m,
    p_at_least,
    p_heard,
    position_spread_m,
    shakes_m,
    sound_delay_s,
    sound_mps,
    wind_bias_m,
)

ALL = np.ones((1, 3), dtype=bool)


def test_aco_01_sound_takes_a_quarter_of_a_minute_for_five_kilometres() -> None:
    assert sound_mps(10.0) == pytest.approx(337.36)
    assert sound_delay_s(np.array([5e3, 10e3, 15e3])) == pytest.approx([14.82, 29.64, 44.46], abs=0.01)


def test_aco_02_a_pair_a_kilometre_apart_points_to_a_fifth_of_a_degree() -> None:
    error_rad = bearing_error_rad(1000.0, 0.01)
    assert np.degrees(error_rad) == pytest.approx(0.19329304, rel=1e-6)
    assert cross_range_error_m(10e3, error_rad) == pytest.approx(33.736, rel=1e-6)
    assert wind_bias_m(10e3, 5.0) == pytest.approx(148.2096, rel=1e-6)


def test_a_pair_points_worse_along_its_baseline() -> None:
    assert bearing_error_rad(1000.0, 0.01, 60.0) == pytest.approx(2 * bearing_error_rad(1000.0, 0.01))


def test_a_sound_fades_to_its_level_where_it_is_said_to() -> None:
    source_db = np.array([95.0, 120.0, 155.6, 180.0, 250.0])
    reach_m = carries_m(source_db, NOTED_DB)
    assert source_db - 20 * np.log10(reach_m) - 0.0004 * reach_m == pytest.approx(np.full(5, NOTED_DB), abs=1e-9)


def test_without_loss_to_the_air_20_db_are_ten_times_the_distance() -> None:
    assert carries_m(np.array([120.0, 140.0]), 100.0, 0.0) == pytest.approx([10.0, 100.0])


def test_what_is_silent_or_faint_carries_nowhere() -> None:
    assert carries_m(np.array([np.nan, 90.0, 91.5]), 91.5).tolist() == [0.0, 0.0, 0.0]


def test_weapons_are_heard_at_their_ranges() -> None:
    levels = np.array([SHOT_DB[name] for name in ("small_arms", "mortar", "howitzer", "rocket_launcher")])
    assert half_heard_m(levels) == pytest.approx([1500.0, 6000.0, 14_000.0, 18_000.0], rel=0.01)
    assert half_heard_m(levels, 0.5) == pytest.approx(half_heard_m(levels) / 2)


def test_small_arms_are_near_the_peak_level_that_is_published_for_a_rifle() -> None:
    # 157 dB for a 5.56 mm rifle: The Synergist, American Industrial Hygiene Association, November 2016.
    assert SHOT_DB["small_arms"] == pytest.approx(157.0, abs=3.0)


def test_louder_is_never_heard_less_far() -> None:
    assert (np.diff(half_heard_m(np.linspace(92.0, 200.0, 200))) > 0.0).all()


def test_the_weathers_share_the_time() -> None:
    assert len(WEATHERS) == len(WEATHER_SHARES)
    assert sum(WEATHER_SHARES) == pytest.approx(1.0)


def test_hearing_has_a_softer_edge_than_radar() -> None:
    assert p_heard(np.array([10e3, 11.5e3, 0.0]), 10e3) == pytest.approx([0.5, 1 / (1 + np.e), 1 / (1 + np.exp(-1 / 0.15))])


def test_three_of_three_and_three_of_five_posts() -> None:
    assert p_at_least(np.array([[0.9, 0.8, 0.5]]), 3) == pytest.approx([0.36])
    assert p_at_least(np.full((2, 5), 0.6), 3) == pytest.approx([0.68256, 0.68256])  # the tail of the binomial law
    assert p_at_least(np.array([[0.9, 0.8]]), 1) == pytest.approx([0.98])
    assert p_at_least(np.array([[1.0, 1.0]]), 3).tolist() == [0.0]


def test_posts_all_round_place_a_shot_by_two_thirds_of_a_variance() -> None:
    """Three posts at 120 degrees: their sights have the scatter 3/2 in either direction, their mean is nought."""
    angle = np.radians([90.0, 210.0, 330.0])
    posts_m = 2000.0 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    spread = position_spread_m(np.zeros((1, 2)), posts_m, ALL, floor=0.0)[0]
    each_m = 3.3736 * np.sqrt(2 / 3)
    assert spread.tolist() == [pytest.approx([each_m, 0.0], abs=1e-9), pytest.approx([0.0, each_m], abs=1e-9)]


def test_a_row_of_posts_gives_the_bearing_of_its_outer_pair() -> None:
    """10 km before the middle of a row of 1 km; the difference of two times errs by root two times one of them."""
    posts_m = np.array([[-500.0, 0.0], [0.0, 0.0], [500.0, 0.0]])
    spread = position_spread_m(np.array([[0.0, 10e3]]), posts_m, ALL, floor=0.0)[0]
    pair_m = cross_range_error_m(10e3, bearing_error_rad(1000.0, 0.01 * np.sqrt(2.0)))
    assert spread[0, 0] == pytest.approx(pair_m, rel=2e-3)
    assert spread[1, 1] > 40 * spread[0, 0]  # the range is nearly unknown


def test_a_share_of_the_range_comes_on_top() -> None:
    posts_m = np.array([[-4e3, -1e3], [0.0, 4e3], [4e3, -1e3]])
    bare, full = (position_spread_m(np.zeros((1, 2)), posts_m, ALL, floor=floor)[0] for floor in (0.0, 0.015))
    blur_m = 0.015 * np.hypot(posts_m[:, 0], posts_m[:, 1]).mean()
    assert full @ full.T == pytest.approx(bare @ bare.T + blur_m**2 * np.eye(2))


def test_two_posts_and_posts_in_line_with_the_shot_place_nothing() -> None:
    row_m = np.array([[1e3, 0.0], [2e3, 0.0], [3e3, 0.0]])
    shots_m = np.zeros((2, 2))
    heard = np.array([[True, True, True], [True, True, False]])
    round_m = np.array([[1e3, 0.0], [0.0, 1e3], [-1e3, 0.0]])
    assert np.isinf(np.diagonal(position_spread_m(shots_m, row_m, heard), axis1=1, axis2=2)).all()
    assert np.isfinite(position_spread_m(shots_m, round_m, heard)[0]).all()
    assert np.isinf(position_spread_m(shots_m, round_m, heard)[1].diagonal()).all()
    assert np.isinf(position_spread_m(shots_m, round_m, np.zeros((2, 3), dtype=bool))).any()


def fixed(source_m: Floats, posts_m: Floats, error_s: Floats) -> Floats:
    """Place shots by least squares on their times of arrival, the time of the shot unknown. Shapes (2,), (P, 2), (N, P) -> (N, 2)."""
    times_m = np.hypot(*(posts_m - source_m).T) + 337.36 * error_s
    found = np.column_stack([np.tile(source_m, (len(error_s), 1)), np.zeros(len(error_s))])
    for _ in range(5):
        away = found[:, None, :2] - posts_m
        range_m = np.linalg.norm(away, axis=2)
        slopes = np.concatenate([away / range_m[..., None], np.ones((*range_m.shape, 1))], axis=2)
        rest_m = times_m - range_m - found[:, 2:]
        found += np.linalg.solve(np.swapaxes(slopes, 1, 2) @ slopes, np.einsum("npi,np->ni", slopes, rest_m)[..., None])[..., 0]
    return np.asarray(found[:, :2])


def test_least_squares_scatter_as_the_bound_says() -> None:
    source_m = np.array([2e3, 6e3])
    posts_m = np.array([[-3e3, 0.0], [0.0, 1e3], [3e3, 0.0], [6e3, -1e3]])
    error_s = np.random.default_rng(7).normal(0.0, 0.01, (8000, 4))
    spread = position_spread_m(source_m[None], posts_m, np.ones((1, 4), dtype=bool), floor=0.0)[0]
    scatter = np.cov(fixed(source_m, posts_m, error_s).T)
    assert spread[0, 1] == 0.0
    assert scatter == pytest.approx(spread @ spread.T, rel=0.06, abs=0.03 * spread[1, 1] * spread[0, 0])


def test_eight_times_the_charge_is_felt_twice_as_far() -> None:
    assert shakes_m(8.0) == pytest.approx(2 * shakes_m(1.0))
    assert ground_velocity_mps(7.0, shakes_m(7.0)) == pytest.approx(1e-6)
    assert ground_velocity_mps(0.0, 100.0) == 0.0


def test_a_blast_twenty_decibels_louder_has_a_thousand_times_the_charge() -> None:
    assert blast_kg(np.array([160.0, 180.0, 200.0, np.nan])) == pytest.approx([0.007, 7.0, 7000.0, 0.0])
