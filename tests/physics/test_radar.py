"""Radar formulas against published figures."""

import numpy as np
import pytest

from sim.physics.radar import false_alarms_per_km2, horizon_m, p_detect, p_heading, p_track, scaled_range_m


def test_rad_01_a_mast_of_30_m_sees_a_vehicle_at_28_km() -> None:
    horizons_km = horizon_m(np.array([10.0, 30.0, 2134.0, 4600.0]), 2.0) / 1e3
    assert horizons_km == pytest.approx([18.86, 28.41, 196.24, 285.38], abs=0.01)
    # The rule of thumb of the handbooks: 4.12 (sqrt h1 + sqrt h2) km.
    assert horizons_km[0] == pytest.approx(4.12 * (np.sqrt(10.0) + np.sqrt(2.0)), rel=1e-3)


def test_rad_02_ranges_go_with_the_fourth_root_of_the_cross_section() -> None:
    # Squire Block 2: 12 km for a pedestrian of 1 m2. Four times the range needs 24 dB.
    assert scaled_range_m(12e3, np.array([10.0, 100.0])) / 1e3 == pytest.approx([21.339353, 37.947332], rel=1e-6)
    assert scaled_range_m(12e3, 10 ** (24.0824 / 10)) == pytest.approx(48e3, rel=1e-5)
    assert scaled_range_m(6e3, 1.0, 0.01) == pytest.approx(6e3 * 100**0.25)


def test_half_are_detected_at_the_range_and_nothing_without_a_cross_section() -> None:
    half_m = scaled_range_m(10e3, np.array([1.0, np.nan]))
    assert p_detect(10e3, half_m).tolist() == [0.5, 0.0]
    assert p_detect(np.array([8e3, 9e3, 11e3, 12e3]), 10e3) == pytest.approx(1 / (1 + np.exp([-2.0, -1.0, 1.0, 2.0])))


def test_rad_03_who_moves_slower_than_the_gate_is_never_seen() -> None:
    # 6 knots: Lynx, Tsunoda et al. 1999.
    shares = p_heading(6 * 1852 / 3600, np.array([0.0, 10.0, 20.0, 30.0, 60.0]) / 3.6)
    assert shares == pytest.approx([0.0, 0.0, 0.625, 0.7584, 0.8814], abs=1e-3)


def test_three_of_five_scans_are_the_tail_of_the_binomial_law() -> None:
    p = np.array([0.0, 0.3, 0.6, 1.0])
    tail = 10 * p**3 * (1 - p) ** 2 + 5 * p**4 * (1 - p) + p**5
    assert p_track(p, 5) == pytest.approx(tail)


def test_a_track_cannot_start_before_its_hits_and_starts_in_the_end() -> None:
    assert p_track(0.6, 2) == 0.0
    assert p_track(0.6, 3) == pytest.approx(0.6**3)
    assert p_track(0.6, 200) == pytest.approx(1.0, abs=1e-9)


def test_one_hit_of_one_scan_is_a_glimpse() -> None:
    assert p_track(0.3, 7, hits=1, window=1) == pytest.approx(1 - 0.7**7)


def test_sliding_windows_agree_with_counted_runs() -> None:
    """All 2^8 courses of eight scans at p = 0.5: those with 2 hits within 3 consecutive scans."""
    courses = (np.arange(256)[:, None] >> np.arange(8)) & 1
    within = np.array([np.convolve(course, [1, 1, 1]).max() >= 2 for course in courses])
    assert p_track(0.5, 8, hits=2, window=3) == pytest.approx(within.mean())


def test_sar_02_one_in_a_hundred_million_cells_is_one_in_a_hundred_square_kilometres() -> None:
    assert false_alarms_per_km2(np.array([1e-6, 1e-8]), 1.0) == pytest.approx([1.0, 0.01])
