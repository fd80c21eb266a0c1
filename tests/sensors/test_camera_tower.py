"""Masts: how far they see by day, by night, in fog, and how often they are broken."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.ops import rehearse
from sim.scene import Scene, Targets
from sim.sensors.camera_tower import CameraTower
from sim.sky import MURK, NIGHT
from sim.units import DAY, HOUR

Standing = Callable[..., Targets]


def tower(**written: Any) -> CameraTower:
    given = {"kind": "camera_tower", "name": "it", "from": "0 km", "to": "100 km", "every": "100 km", "offset": "0 m", "notice": "5 min"}
    one = CameraTower.choose(given | written)
    assert isinstance(one, CameraTower)
    return one


def chances(scene: Scene, standing: Standing, beside_m: float, sky: int = 0, **columns: Any) -> float:
    """Chance that a target shows beside the one mast at km 50, from the rate and the five minutes that it takes to notice."""
    sight = tower().sight(standing(50_000.0, beside_m, **columns), scene)
    return float(sight.rate_per_s[0, sky] * 300.0) if len(sight) else 0.0


def test_half_of_the_vehicles_show_at_the_day_range(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 5000.0) == pytest.approx(0.5, abs=0.01)
    assert chances(scene, standing, 5000.0 - 1400.0) == pytest.approx(1 / (1 + np.exp(-2.0)), abs=0.01)
    assert chances(scene, standing, 5000.0 + 1400.0) == pytest.approx(1 / (1 + np.exp(2.0)), abs=0.01)
    assert chances(scene, standing, 8500.0) == 0.0


def test_what_is_half_as_large_shows_half_as_far(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 2500.0, size_m=1.15) == pytest.approx(0.5, abs=0.01)


def test_at_night_only_what_is_warm_shows(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 1000.0, NIGHT) == 0.0
    assert chances(scene, standing, 3000.0, NIGHT, heat_k=10.0) == pytest.approx(0.5, abs=0.01)


def test_a_flash_shows_at_ten_kilometres_at_night_and_at_five_by_day(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 10_000.0, NIGHT, heat_k=500.0) == pytest.approx(0.5, abs=0.01)
    assert chances(scene, standing, 5000.0, heat_k=500.0) == pytest.approx(0.5, abs=0.01)
    assert chances(scene, standing, 4000.0, heat_k=500.0, size_m=np.nan) == pytest.approx(0.5, abs=0.01)


def test_fog_leaves_a_fifth_of_the_range(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 1000.0, MURK) == pytest.approx(0.5, abs=0.01)


def test_trees_hide_what_is_beyond_the_slope_of_the_sight(scene: Scene, standing: Standing) -> None:
    """From 20 m an angle of 1 degree reaches 1,146 m."""
    assert chances(scene, standing, 1100.0, mask_deg=1.0) > 0.9
    assert chances(scene, standing, 1200.0, mask_deg=1.0) == 0.0
    assert chances(scene, standing, 1200.0, mask_deg=1.0, height_m=10.0) > 0.9


def test_what_only_makes_a_noise_is_not_seen(scene: Scene, standing: Standing) -> None:
    assert chances(scene, standing, 100.0, size_m=np.nan, sound_db=180.0) == 0.0


def test_masts_stand_in_the_middle_of_their_stretches() -> None:
    assert tower(every="25 km").planned_m().tolist() == [12_500.0, 37_500.0, 62_500.0, 87_500.0]


def test_masts_may_stand_at_named_places_instead(scene: Scene) -> None:
    named = CameraTower.choose({"kind": "camera_tower", "name": "it", "at": {"hill": "20 km", "mill": "61 km"}, "offset": "6 km"})
    assert isinstance(named, CameraTower)
    assert [track.chainage_m for track in named.tracks(scene)] == [20_000.0, 61_000.0]
    assert named.concerns(scene.stage) == ["stands 6.0 km from the line and sees a vehicle to 5.0 km only"]
    assert not named.reach_m(scene.stage)


def test_masts_work_for_their_share_of_the_time_from_the_first_hour_on(scene: Scene) -> None:
    many = tower(every="100 m", availability=0.8)
    plan = rehearse(many, scene, Dice(1, 0))
    units = len(many.planned_m())
    assert sum(stint.off_s - stint.on_s for stint in plan.stints) / (units * 30 * DAY) == pytest.approx(0.8, abs=0.015)
    assert sum(stint.on_s <= HOUR < stint.off_s for stint in plan.stints) / units == pytest.approx(0.8, abs=0.04)


def test_masts_that_never_break_watch_all_the_time_and_masts_that_never_work_do_not(scene: Scene) -> None:
    (stint,) = rehearse(tower(availability=1.0), scene, Dice(1, 0)).stints
    assert (stint.on_s, stint.off_s) == (0.0, 30 * DAY)
    assert not rehearse(tower(availability=0.0), scene, Dice(1, 0)).stints


def test_no_mast_stands_beyond_the_end_of_the_line(scene: Scene) -> None:
    long = tower(**{"from": "90 km", "to": "300 km", "every": "5 km"})
    assert [track.chainage_m for track in long.tracks(scene)] == [92_500.0, 97_500.0]
