"""Ground that hides, against closed forms and a plain search in fine steps."""

from typing import TypeAlias

import numpy as np
import pytest

from sim.kinds import Bools, Floats
from sim.physics.terrain import BENT_RADIUS_M, SIDE, Relief

FLAT = Relief.of_grid(np.zeros((21, 2001)), 0.0, 0.0, 100.0)
"""200 km of plain, 2 km wide."""


def ridge(high_m: float, at_m: float, cell_m: float = 10.0) -> Relief:
    """Return a plain with a wall one node thick across it."""
    heights_m = np.zeros((401, 801))
    heights_m[:, round(at_m / cell_m)] = high_m
    return Relief.of_grid(heights_m, 0.0, 0.0, cell_m)


def hills(seed: int = 1) -> Relief:
    """Return waves of several lengths, 400 by 300 cells of 50 m, over two rows and three columns of blocks and more."""
    rng = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(401) * 50.0, np.arange(301) * 50.0)
    heights_m = np.zeros_like(x)
    for length_m in (900.0, 2_000.0, 5_000.0, 9_000.0):
        turn, phase = rng.uniform(0.0, 2 * np.pi, 2)
        heights_m += length_m / 120.0 * np.sin(2 * np.pi / length_m * (x * np.cos(turn) + y * np.sin(turn)) + phase)
    return Relief.of_grid(heights_m, 1_000.0, -2_000.0, 50.0)


def plainly_visible(relief: Relief, one: Floats, other: Floats, samples: int = 20_000) -> Bools:
    """Say which pairs of rows (x, y, height) see each other, by the height of the straight ray above the bent ground, in fine steps."""
    seen = []
    for a, b in zip(one, other, strict=True):
        share = np.linspace(0.0, 1.0, samples + 1)[1:-1]
        away_m = np.hypot(*(b - a)[:2])
        low_m, high_m = (float(relief.height_m(place[0], place[1])) + place[2] for place in (a, b))
        bulge_m = away_m**2 * share * (1.0 - share) / (2 * BENT_RADIUS_M)
        ground_m = relief.height_m(a[0] + share * (b - a)[0], a[1] + share * (b - a)[1])
        seen.append(bool((low_m + share * (high_m - low_m) >= ground_m + bulge_m).all()))
    return np.array(seen)


Columns: TypeAlias = tuple[Floats, Floats, Floats]


def pairs(count: int, seed: int) -> tuple[Columns, Columns]:
    """Throw pairs of places on the hills, up to 60 m above the ground."""
    rng = np.random.default_rng(seed)
    low, high = np.array([1_050.0, -1_950.0, 1.0]), np.array([20_900.0, 12_900.0, 60.0])
    one, other = rng.uniform(low, high, (2, count, 3))
    return (one[:, 0], one[:, 1], one[:, 2]), (other[:, 0], other[:, 1], other[:, 2])


def test_heights_between_nodes_are_bilinear() -> None:
    relief = Relief.of_grid(np.array([[0.0, 10.0], [20.0, 50.0]]), 100.0, 200.0, 10.0)
    assert relief.height_m(np.array([100.0, 105.0, 105.0]), np.array([200.0, 200.0, 205.0])) == pytest.approx([0.0, 5.0, 20.0])


def test_a_plane_is_met_exactly_across_the_seams_of_blocks() -> None:
    y, x = np.mgrid[0 : 2 * SIDE + 20, 0 : 3 * SIDE + 7]
    relief = Relief.of_grid(3.0 * x - 2.0 * y, 0.0, 0.0, 1.0)
    u, v = np.random.default_rng(3).uniform(0.0, [[3 * SIDE + 6], [2 * SIDE + 19]], (2, 5000))
    assert relief.index.shape == (3, 4)
    assert relief.height_m(u, v) == pytest.approx(3.0 * u - 2.0 * v, abs=2e-4)


def test_ground_outside_and_without_data_is_unknown() -> None:
    heights_m = np.zeros((11, 11))
    heights_m[5, 5] = np.nan
    relief = Relief.of_grid(heights_m, 0.0, 0.0, 10.0)
    known = ~np.isnan(relief.height_m(np.array([-1.0, 25.0, 55.0, 101.0, 25.0]), np.array([25.0, 25.0, 55.0, 25.0, -0.1])))
    assert known.tolist() == [False, True, False, False, False]


def test_a_wall_hides_what_lies_below_its_angle() -> None:
    angle_deg = ridge(100.0, 3_000.0).mask_towards_deg(1_000.0, 2_000.0, 0.0, 7_000.0, 2_000.0)
    drop_m = 2_000.0**2 / (2 * BENT_RADIUS_M)
    assert angle_deg == pytest.approx(np.degrees(np.arctan((100.0 - drop_m) / 2_000.0)), abs=1e-4)
    assert angle_deg == pytest.approx(np.degrees(np.arctan(0.05)), abs=0.01)


def test_an_eye_sees_over_a_wall_from_where_the_line_clears_it() -> None:
    wall = ridge(100.0, 3_000.0)
    eye_m = np.array([295.0, 305.0])  # 6 km away the line over the wall is at 300 m, and the Earth drops less than 3 m
    assert wall.visible((1_000.0, 2_000.0, 0.0), (7_000.0, 2_000.0, eye_m)).tolist() == [False, True]


def test_a_wall_behind_the_eye_hides_nothing() -> None:
    wall = ridge(100.0, 3_000.0)
    assert wall.visible((1_000.0, 2_000.0, 2.0), (2_900.0, 2_000.0, 2.0)).tolist() == [True]
    assert wall.mask_towards_deg(1_000.0, 2_000.0, 0.0, 2_900.0, 2_000.0) == pytest.approx(0.0, abs=1e-3)


def test_a_wall_is_a_skyline_only_within_reach() -> None:
    wall = ridge(100.0, 3_000.0)
    east_deg = wall.horizon_deg(1_000.0, 2_000.0, 0.0, 90.0, np.array([1_900.0, 5_000.0]))
    assert east_deg == pytest.approx([0.0, np.degrees(np.arctan(0.05))], abs=0.01)
    assert wall.horizon_deg(1_000.0, 1_000.0, 0.0, 0.0, 1_500.0) == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("mast_m", [10.0, 25.0, 100.0])
def test_the_horizon_over_a_plain_lies_at_four_kilometres_by_the_root_of_height(mast_m: float) -> None:
    away_m = 4_122.0 * np.sqrt(mast_m)  # radio horizon, 4.12 km by the root of metres
    seen = FLAT.visible((500.0, 1_000.0, mast_m), (500.0 + away_m * np.array([0.98, 1.02]), 1_000.0, 0.0))
    assert seen.tolist() == [True, False]
    both = FLAT.visible((500.0, 1_000.0, mast_m), (500.0 + away_m * np.array([1.98, 2.02]), 1_000.0, mast_m))
    assert both.tolist() == [True, False]


def test_the_skyline_over_a_plain_dips_by_the_root_of_height() -> None:
    dip_deg = FLAT.horizon_deg(500.0, 1_000.0, 100.0, 90.0, 100_000.0)
    assert dip_deg == pytest.approx(-np.degrees(np.sqrt(2 * 100.0 / BENT_RADIUS_M)), abs=1e-5)


def test_a_pyramid_is_as_steep_as_it_looks() -> None:
    x, y = np.meshgrid(np.arange(201) * 50.0, np.arange(201) * 50.0)
    relief = Relief.of_grid(np.maximum(300.0 - 0.3 * np.maximum(abs(x - 5_000.0), abs(y - 5_000.0)), 0.0), 0.0, 0.0, 50.0)
    from_m = np.array([1_000.0, 2_500.0, 4_500.0])
    to_top_deg = np.degrees(np.arctan((300.0 - relief.height_m(from_m, 5_000.0)) / (5_000.0 - from_m)))
    assert relief.mask_towards_deg(from_m, 5_000.0, 0.0, 9_000.0, 5_000.0) == pytest.approx(to_top_deg, abs=0.02)
    assert to_top_deg[2] == pytest.approx(np.degrees(np.arctan(0.3)))
    assert relief.visible((1_000.0, 5_000.0, 2.0), (9_000.0, np.array([5_000.0, 4_200.0]), 2.0)).tolist() == [False, False]
    assert relief.visible((1_000.0, 1_000.0, 2.0), (9_000.0, np.array([9_000.0, 1_000.0]), 2.0)).tolist() == [False, True]


def test_hills_hide_what_a_search_in_fine_steps_finds_hidden() -> None:
    relief = hills()
    one, other = pairs(400, seed=5)
    seen, plain = relief.visible(one, other), plainly_visible(relief, np.column_stack(one), np.column_stack(other))
    assert 40 < plain.sum() < 360
    assert (seen != plain).mean() <= 0.01
    assert not (plain & ~seen).any()  # the coarser profile can miss a crest, never invent one


def test_sight_is_mutual() -> None:
    relief = hills()
    one, other = pairs(5_000, seed=6)
    assert np.array_equal(relief.visible(one, other), relief.visible(other, one))


def test_sight_is_the_eye_above_the_mask() -> None:
    relief = hills()
    one, other = pairs(3_000, seed=7)
    mask_deg = relief.mask_towards_deg(*one, other[0], other[1])
    eye_deg = np.degrees(np.arctan2(relief.rise_m(one, other), np.hypot(other[0] - one[0], other[1] - one[1])))
    clear = np.abs(eye_deg - mask_deg) > 1e-9
    assert np.array_equal(relief.visible(one, other)[clear], (eye_deg > mask_deg)[clear])


def test_a_higher_eye_sees_no_less() -> None:
    relief = hills()
    one, other = pairs(3_000, seed=8)
    low, high = (relief.visible(one, (other[0], other[1], other[2] + lift_m)) for lift_m in (0.0, 30.0))
    assert not (low & ~high).any()
    assert high.sum() > low.sum()


def test_many_places_are_answered_like_one() -> None:
    relief = hills()
    one, other = pairs(5_000, seed=9)
    mask_deg = relief.mask_towards_deg(*one, other[0], other[1])
    for row in (0, 4_095, 4_096, 4_999):
        alone_deg = relief.mask_towards_deg(one[0][row], one[1][row], one[2][row], other[0][row], other[1][row])
        assert alone_deg == pytest.approx(mask_deg[row])


def test_unknown_ground_hides_nothing_and_leaves_the_thrown_angle() -> None:
    target, eye = (-500.0, 1_000.0, 0.0), (10_000.0, 1_000.0, 20.0)
    assert FLAT.visible(target, eye).tolist() == [True]
    assert np.isnan(FLAT.mask_towards_deg(*target, eye[0], eye[1])).tolist() == [True]
    assert FLAT.flat_mask_deg(target, np.array([2.0]), eye) == pytest.approx([2.0])
    assert FLAT.free(target, np.array([0.05, 0.2]), eye).tolist() == [True, False]  # 20 m at 10.5 km is 0.11 degrees


def test_the_greater_of_ground_and_plants_counts_unless_the_ground_holds_the_plants() -> None:
    target, eye = (1_000.0, 1_000.0, 0.0), (4_000.0, 1_000.0, 100.0)  # 1.9 degrees above a plain
    mask_deg = np.array([1.0, 3.0])
    surface = Relief.of_grid(np.zeros((21, 2001)), 0.0, 0.0, 100.0, with_plants=True)
    assert FLAT.free(target, mask_deg, eye).tolist() == [True, False]
    assert surface.free(target, mask_deg, eye).tolist() == [True, True]
    assert FLAT.flat_mask_deg(target, mask_deg, eye) == pytest.approx(mask_deg, abs=0.02)
    assert surface.flat_mask_deg(target, mask_deg, eye) == pytest.approx([0.0, 0.0], abs=0.02)


def test_a_law_for_flat_ground_loses_sight_behind_a_wall_where_the_eye_does() -> None:
    wall = ridge(100.0, 3_000.0)
    high_m = np.array([290.0, 310.0])
    mask_deg = wall.flat_mask_deg((1_000.0, 2_000.0, 0.0), np.zeros(2), (7_000.0, 2_000.0, high_m))
    assert (high_m / np.tan(np.radians(mask_deg)) > 6_000.0).tolist() == [False, True]


def test_an_eye_on_a_hill_reaches_farther_than_one_of_its_height_on_a_plain() -> None:
    slope = Relief.of_grid(np.tile(np.arange(101) * 2.0, (41, 1)), 0.0, 0.0, 100.0)  # 2 m every 100 m
    mask_deg = slope.flat_mask_deg((1_000.0, 2_000.0, 0.0), np.array([2.0]), (9_000.0, 2_000.0, 20.0))
    assert 20.0 / np.tan(np.radians(mask_deg)) == pytest.approx((160.0 + 20.0 - 3.8) / np.tan(np.radians(2.0)), rel=0.01)


def test_an_eye_below_its_target_sees_only_what_is_above_the_ground_between() -> None:
    slope = Relief.of_grid(np.tile(np.arange(101) * 2.0, (41, 1)), 0.0, 0.0, 100.0)
    assert slope.visible((9_000.0, 2_000.0, 5.0), (1_000.0, 2_000.0, 5.0)).tolist() == [True]
    assert slope.flat_mask_deg((9_000.0, 2_000.0, 5.0), np.array([1.0]), (1_000.0, 2_000.0, 5.0)).tolist() == [89.9]


def test_a_shell_above_the_eye_is_hidden_by_the_ground_alone() -> None:
    wall = ridge(100.0, 3_000.0)
    shell, eye = (1_000.0, 2_000.0, np.array([50.0, 500.0])), (5_000.0, 2_000.0, 20.0)
    assert wall.free(shell, np.zeros(2), eye).tolist() == [False, True]
    assert wall.flat_mask_deg(shell, np.zeros(2), eye) == pytest.approx([89.9, 0.0])


def test_a_plain_changes_little_where_masks_are_thrown() -> None:
    rng = np.random.default_rng(11)
    x_m, away_m, mask_deg = rng.uniform(5_000.0, 180_000.0, 2_000), rng.uniform(100.0, 8_000.0, 2_000), rng.exponential(1.0, 2_000)
    target, eye = (x_m, 1_000.0, 0.0), (x_m + away_m, 1_000.0, 50.0)
    flat = away_m <= 50.0 / np.tan(np.radians(mask_deg))
    law = away_m <= 50.0 / np.tan(np.radians(FLAT.flat_mask_deg(target, mask_deg, eye)))
    assert 0.1 < flat.mean() < 0.9
    assert np.mean(FLAT.free(target, mask_deg, eye) != flat) < 0.02  # the Earth drops by 4 m over 8 km
    assert np.mean(law != flat) < 0.02


def test_ground_that_hides_only_beyond_the_range_is_left_out() -> None:
    relief = hills()
    one, other = pairs(3_000, seed=12)
    eye, mask_deg = (other[0], other[1], other[2] + 100.0), np.random.default_rng(13).exponential(0.5, 3_000)
    away_m, range_m = np.hypot(one[0] - other[0], one[1] - other[1]), 6_000.0
    whole, within = (eye[2] / np.tan(np.radians(relief.flat_mask_deg(one, mask_deg, eye, far_m))) for far_m in (np.inf, range_m))
    near = away_m <= range_m
    assert np.minimum(whole, range_m)[near] == pytest.approx(np.minimum(within, range_m)[near], rel=1e-9)
    assert 0.2 < np.mean(whole[near] < away_m[near]) < 0.8


def test_a_law_for_flat_ground_sees_what_stands_in_free_sight_of_one_eye() -> None:
    relief = hills()
    one, other = pairs(3_000, seed=14)
    for mask_deg in (np.zeros(3_000), np.random.default_rng(15).exponential(0.5, 3_000)):
        flat_deg = np.maximum(relief.flat_mask_deg(one, mask_deg, other), 1e-6)
        law = np.hypot(one[0] - other[0], one[1] - other[1]) <= other[2] / np.tan(np.radians(flat_deg))
        assert np.array_equal(law, relief.free(one, mask_deg, other))
