"""How eyes of several kinds perceive."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.law import DefiniteRange, GlimpseRate, Gmti, InverseCube, Video, free_range_m, interference, scans_to_track, showing
from sim.physics.radar import p_heading, p_track
from sim.physics.search import p_inverse_cube
from sim.scene import Targets
from sim.sky import JAMMED, MURK, NIGHT
from sim.units import HOUR

Standing = Callable[..., Targets]
VIDEO = Video(range_m=10_000.0)


def test_the_textbook_eyes_see_whatever_shows_itself_at_all(standing: Standing) -> None:
    targets = Targets.join([standing(0.0, size_m=np.nan), standing(0.0, size_m=np.nan, sound_db=90.0), standing(0.0, hidden=True)])
    assert showing(targets).tolist() == [False, True, True]
    sure = DefiniteRange(law="definite_range", range_m=500.0).perceive(targets, 100.0)
    assert sure.range_m.tolist() == [0.0, 500.0, 500.0]
    assert sure.rate_per_s[:, 0].tolist() == [0.0, np.inf, np.inf]
    glimpses = GlimpseRate(law="glimpse_rate", range_m=500.0, rate_per_s=0.1).perceive(targets, 100.0)
    assert glimpses.rate_per_s[:, [0, NIGHT | MURK | JAMMED]].tolist() == [[0.0, 0.0], [0.1, 0.1], [0.1, 0.1]]


def test_video_sees_by_size_up_to_half_as_far_again(standing: Standing) -> None:
    sizes = standing([0.0] * 4, size_m=np.array([1.15, 2.3, 3.45, 23.0]))
    assert VIDEO.perceive(sizes, 0.0).range_m.tolist() == [5000.0, 10_000.0, 15_000.0, 15_000.0]


def test_a_slant_range_is_shorter_on_the_ground(standing: Standing) -> None:
    assert VIDEO.perceive(standing(0.0), 6000.0).range_m.tolist() == [8000.0]
    assert VIDEO.perceive(standing(0.0), 12_000.0).range_m.tolist() == [0.0]


def test_random_search_spreads_over_the_area_in_reach(standing: Standing) -> None:
    """270 km2 an hour over the 314 km2 of 10 km round: 0.86 an hour; twice as often for four pieces."""
    rates = VIDEO.perceive(Targets.join([standing(0.0), standing(0.0, pieces=4.0)]), 0.0).rate_per_s[:, 0] * HOUR
    assert rates.tolist() == pytest.approx([270 / (np.pi * 100), 2 * 270 / (np.pi * 100)])


def test_concealed_and_shapeless_things_are_not_seen_from_above(standing: Standing) -> None:
    targets = Targets.join([standing(0.0, hidden=True), standing(0.0, size_m=np.nan, sound_db=180.0)])
    assert VIDEO.perceive(targets, 0.0).rate_per_s.max() == 0.0


def test_a_trace_is_seen_by_its_extent_and_seldom_attributed(standing: Standing) -> None:
    seen = VIDEO.perceive(standing(0.0, size_m=np.nan, trace_m=2.3), 0.0)
    assert seen.range_m.tolist() == [10_000.0]
    assert seen.p_attribute.tolist() == [0.2]


def test_trees_bound_the_sight(standing: Standing) -> None:
    assert VIDEO.perceive(standing(0.0, mask_deg=45.0), 3000.0).range_m.tolist() == pytest.approx([3000.0])
    assert free_range_m(100.0, np.array([0.0, 45.0])).tolist() == pytest.approx([np.inf, 100.0])


def test_nothing_is_easier_to_see_in_a_worse_sky(standing: Standing) -> None:
    rates = VIDEO.perceive(standing(0.0, heat_k=10.0), 0.0).rate_per_s[0]
    for state in range(8):
        for bit in (NIGHT, MURK, JAMMED):
            assert rates[state | bit] <= rates[state]


def test_interference_is_felt_within_the_root_of_its_power(standing: Standing) -> None:
    felt = interference(standing([0.0] * 3, emitter_w=np.array([100.0, 25.0, np.nan])))
    assert felt.range_m.tolist() == [20_000.0, 10_000.0, 0.0]
    assert felt.rate_per_s[:, 0].tolist() == [np.inf, np.inf, 0.0]


def test_interference_is_felt_at_once_within_kilometres_that_grow_with_the_root_of_the_power(standing: Standing) -> None:
    felt = interference(standing([0.0, 0.0], emitter_w=np.array([100.0, 0.01])))
    assert felt.range_m.tolist() == [20_000.0, 200.0]
    assert np.isinf(felt.rate_per_s).all()
    assert felt.p_attribute.tolist() == [0.05, 0.05]


def test_a_small_target_in_range_is_looked_at_as_often_as_a_large_one(standing: Standing) -> None:
    """The operator searches the same ground for both: 270 km2/h over a circle of 10 km is 0.86 looks an hour."""
    both = VIDEO.perceive(standing([0.0, 0.0], size_m=np.array([0.75, 2.3])), 0.0)
    assert both.rate_per_s[:, 0] * HOUR == pytest.approx([270.0 / (100.0 * np.pi)] * 2)


def test_who_is_sent_to_search_a_circle_searches_it_sooner(standing: Standing) -> None:
    wide, narrow = VIDEO.perceive(standing(0.0), 0.0), VIDEO.focused(standing(0.0), 0.0, 2000.0)
    assert (narrow.rate_per_s / wide.rate_per_s)[0, 0] == pytest.approx(25.0)
    vast = VIDEO.focused(standing(0.0), 0.0, 50_000.0)
    assert vast.rate_per_s.tolist() == wide.rate_per_s.tolist()
    assert replace(narrow).range_m.tolist() == wide.range_m.tolist()


def test_srch_05_the_inverse_cube_law_has_its_published_sweep_width() -> None:
    """k h / v of 1 km2 sweeps 5.0133 km; four times as fast, half of it."""
    eye = InverseCube(law="inverse_cube", range_m=1e6, sweep_width_m=5013.2565, speed_mps=30.0)
    assert eye.strength_m3ps / 30.0 == pytest.approx(1e6)
    assert eye.sweep_m(0.0, 30.0) == pytest.approx(5013.2565)
    assert eye.sweep_m(0.0, 120.0) == pytest.approx(5013.2565 / 2)


@pytest.mark.parametrize("lateral_m", [500.0, 2000.0, 8000.0])
def test_a_pass_by_the_inverse_cube_law_finds_by_its_lateral_distance(standing: Standing, lateral_m: float) -> None:
    """1 - exp(-2 k h / (v x^2)), on a way that is long against the distance."""
    eye, speed_mps = InverseCube(law="inverse_cube", range_m=400e3, sweep_width_m=3000.0, speed_mps=50.0), 50.0
    one, half_m = standing(0.0), np.array([np.sqrt(400e3**2 - lateral_m**2)])
    rate = eye.at(eye.perceive(one, 0.0), one, np.array([lateral_m]), half_m).rate_per_s[0, 0]
    found = -np.expm1(-rate * 2 * half_m[0] / speed_mps)
    assert found == pytest.approx(float(p_inverse_cube(lateral_m, eye.strength_m3ps / speed_mps)), rel=1e-3)


def test_an_inverse_cube_eye_that_stares_sees_with_the_cube_of_the_distance(standing: Standing) -> None:
    eye, two = InverseCube(law="inverse_cube", range_m=10e3, sweep_width_m=3000.0, speed_mps=50.0), standing([0.0, 0.0])
    near, far = eye.at(eye.perceive(two, 0.0), two, np.array([1000.0, 2000.0]), np.zeros(2)).rate_per_s[:, 0]
    assert near / far == pytest.approx(8.0)


def test_img_10_an_operator_sweeps_a_kilometre_at_250_km_an_hour() -> None:
    """270 km2/h at 250 km/h is 1.08 km, whatever the optics; a slow eye is bounded by them."""
    assert VIDEO.sweep_m(0.0, 250 / 3.6) == pytest.approx(1080.0)
    assert Video(range_m=300.0).sweep_m(0.0, 250 / 3.6) == pytest.approx(600.0)


def test_textbook_eyes_have_the_sweep_widths_of_the_textbook() -> None:
    assert DefiniteRange(law="definite_range", range_m=500.0).sweep_m(0.0, 10.0) == 1000.0
    seldom = GlimpseRate(law="glimpse_rate", range_m=500.0, rate_per_s=1e-5)
    assert seldom.sweep_m(0.0, 10.0) == pytest.approx(1e-5 / 10.0 * np.pi * 500.0**2, rel=1e-3)
    often = GlimpseRate(law="glimpse_rate", range_m=500.0, rate_per_s=10.0)
    assert often.sweep_m(0.0, 10.0) == pytest.approx(1000.0, rel=0.01)


def test_img_06_what_it_is_and_who_follow_johnsons_curve(standing: Standing) -> None:
    """Half at the range given, 0.1077 at twice that, 0.9449 at half; a small thing is told from less far, a trace by the old constant."""
    eye = Video(range_m=12_000.0, recognise_m=4000.0, identify_m=2000.0)
    seen = standing([0.0] * 4, size_m=np.array([2.3, 2.3, 1.15, np.nan]), trace_m=np.array([np.nan, np.nan, np.nan, 2.3]))
    told = eye.at(eye.perceive(seen, 0.0), seen, np.array([4000.0, 8000.0, 4000.0, 2000.0]), np.zeros(4))
    assert told.p_classify.tolist() == pytest.approx([0.5, 0.1077, 0.1077, 0.9449], abs=1e-4)
    assert told.p_attribute[0] == pytest.approx(0.1077, abs=1e-4)
    assert told.p_attribute[3] == eye.p_attribute_trace
    close = eye.at(eye.perceive(seen, 0.0), seen, np.full(4, 1.0), np.zeros(4))
    assert close.p_classify == pytest.approx(1.0)


def test_what_a_pass_shows_is_told_at_its_mean_distance(standing: Standing) -> None:
    """3 km beside a way of 6 km in view: mean square 9 + 9 / 3 = 12 km2."""
    eye, one = Video(range_m=12_000.0, recognise_m=np.sqrt(12.0) * 1000.0), standing(0.0)
    assert eye.at(eye.perceive(one, 0.0), one, np.array([3000.0]), np.array([3000.0])).p_classify.tolist() == pytest.approx([0.5])


def test_haze_bounds_the_sight_at_one_and_a_half_of_the_visibility(standing: Standing) -> None:
    hazy = Video(range_m=10_000.0, visibility_m=4000.0)
    assert hazy.perceive(standing(0.0), 0.0).range_m.tolist() == [6000.0]
    assert hazy.area_m2(0.0) == pytest.approx(np.pi * 6000.0**2)


def moving(standing: Standing, kmh: float, **columns: Any) -> Targets:
    return standing(0.0, speed_mps=kmh / 3.6, **({"rcs_m2": 10.0} | columns))


def test_a_radar_for_movers_is_blind_to_what_stands_still_or_crawls(standing: Standing) -> None:
    targets = Targets.join([moving(standing, kmh) for kmh in (0.0, 10.0, 20.0)] + [moving(standing, 40.0, rcs_m2=np.nan)])
    felt = Gmti().perceive(targets, 3000.0)
    assert felt.range_m.tolist() == [0.0, 0.0, pytest.approx(np.sqrt(30.0**2 - 3.0**2) * 1000.0), 0.0]
    assert felt.rate_per_s[[0, 1, 3]].max() == 0.0


def test_a_radar_track_takes_as_long_as_the_chain_of_hits(standing: Standing) -> None:
    """At 60 km/h 0.9 x 0.8814 a scan: the mean number of scans is the sum of the chances that there is no track yet."""
    p_hit = 0.9 * float(p_heading(6 * 1852 / 3600, 60 / 3.6))
    scans = sum(1.0 - float(p_track(p_hit, number)) for number in range(200))
    assert scans_to_track(np.array([p_hit]), 3, 5).tolist() == pytest.approx([scans])
    felt = Gmti().perceive(moving(standing, 60.0), 3000.0)
    assert felt.delay_s == 120.0
    assert 1.0 / felt.rate_per_s[0, 0] + felt.delay_s == pytest.approx(60.0 * scans)


def test_a_radar_does_not_mind_night_and_murk_but_interference(standing: Standing) -> None:
    rates = Gmti().perceive(moving(standing, 40.0), 3000.0).rate_per_s[0]
    assert (rates / rates[0]).tolist() == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.5]


def test_a_radar_sees_small_things_from_less_far_and_none_behind_trees_or_the_horizon(standing: Standing) -> None:
    near = Gmti().perceive(moving(standing, 40.0, rcs_m2=0.625), 0.001)
    assert near.range_m[0] < 1000.0  # on the ground the horizon is at hand
    high = Gmti().perceive(moving(standing, 40.0, rcs_m2=0.625), 3000.0)
    assert high.range_m.tolist() == pytest.approx([np.sqrt(15.0**2 - 3.0**2) * 1000.0])
    assert Gmti().perceive(moving(standing, 40.0, mask_deg=45.0), 3000.0).range_m.tolist() == pytest.approx([3000.0])


def test_no_window_holds_more_hits_than_scans() -> None:
    with pytest.raises(ValidationError, match="no window"):
        Gmti(hits=4, window=3)
