"""How eyes of several kinds perceive."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim.law import DefiniteRange, GlimpseRate, Video, free_range_m, interference, showing
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
