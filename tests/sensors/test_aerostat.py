"""Tethered balloons: what the camera sees from up there, what the radar adds, and when wind and weather bring them down."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.law import Video
from sim.ops import by_unit, rehearse
from sim.physics.radar import p_heading, p_track
from sim.scene import Scene, Targets
from sim.sensors.aerostat import EYES, RADAR, Aerostat
from sim.sky import JAMMED, MURK, NIGHT, Sky
from sim.story import Play
from sim.units import DAY, HOUR, KM

Standing = Callable[..., Targets]

NEVER = [0.0] * 12


def balloon(**written: Any) -> Aerostat:
    given = {"kind": "aerostat", "name": "it", "at": {"hill": "50 km"}, "offset": "0 m"}
    one = Aerostat.choose({name: value for name, value in (given | written).items() if value is not None})
    assert isinstance(one, Aerostat)
    return one


def rate_per_s(scene: Scene, targets: Targets, sky: int = 0, **written: Any) -> float:
    sight = balloon(**written).sight(targets, scene)
    return float(sight.rate_per_s[0, sky]) if len(sight) else 0.0


@pytest.mark.parametrize(("size_m", "slant_m"), [(0.75, 12_000.0 * 0.75 / 2.3), (2.3, 12_000.0), (5.0, 18_000.0)])
def test_a_person_a_vehicle_and_a_burst_are_seen_as_far_as_their_size_allows(
    scene: Scene, standing: Standing, size_m: float, slant_m: float
) -> None:
    """Slant ranges are 3.9, 12 and 18 km; seen from 1 km up. The rate is the area searched over that in range of a vehicle."""
    level_m = np.sqrt(slant_m**2 - 1000.0**2)
    rate = 270e6 / HOUR / (np.pi * (12_000.0**2 - 1000.0**2))
    assert rate_per_s(scene, standing(50_000.0, level_m - 5.0, size_m=size_m)) == pytest.approx(rate)
    assert rate_per_s(scene, standing(50_000.0, level_m + 5.0, size_m=size_m)) == 0.0


def test_the_sky_counts_for_the_camera_as_on_a_drone_but_fog_blinds_it_and_interference_does_not(scene: Scene, standing: Standing) -> None:
    warm = standing(50_000.0, 5000.0, heat_k=10.0)
    day = rate_per_s(scene, warm)
    assert [rate_per_s(scene, warm, sky) / day for sky in (NIGHT, MURK, JAMMED, NIGHT | JAMMED)] == pytest.approx([0.8, 0.0, 1.0, 0.8])


def test_from_higher_up_trees_hide_less(scene: Scene, standing: Standing) -> None:
    """An angle of 10 degrees is free to 5.7 km from 1 km up, and to 11.3 km from 2 km."""
    behind_trees = standing(50_000.0, 8000.0, mask_deg=10.0)
    assert rate_per_s(scene, behind_trees) == 0.0
    assert rate_per_s(scene, behind_trees, height="2 km") > 0.0


def test_what_is_concealed_or_only_sounds_is_not_seen(scene: Scene, standing: Standing) -> None:
    assert rate_per_s(scene, standing(50_000.0, 5000.0, hidden=True)) == 0.0
    assert rate_per_s(scene, standing(50_000.0, 5000.0, size_m=np.nan, sound_db=180.0)) == 0.0


def test_the_radar_follows_through_fog_what_moves_far_beyond_the_camera(scene: Scene, standing: Standing) -> None:
    """20 km off, by a radar of 40 km for a vehicle and a least speed of 6 kt, over five scans of a minute."""
    vehicle = standing(50_000.0, 20_000.0, 0.0, 300.0, rcs_m2=10.0, speed_mps=36 * KM / HOUR)
    given = {"range": "40 km", "reference_m2": 10.0, "least": "6 kt", "scan": "1 min"}
    sight = balloon(radar=given).sight(vehicle, scene)
    assert sight.senses.tolist() == [RADAR]
    p_hit = 0.9 / (1 + np.exp(-5.0)) * p_heading(6 * 1852 / 3600, 10.0)
    assert -np.expm1(-sight.rate_per_s[0, MURK] * 300.0) == pytest.approx(float(p_track(p_hit, 5)))
    near = standing(50_000.0, 5_000.0, 0.0, 300.0, rcs_m2=10.0, speed_mps=36 * KM / HOUR)
    assert balloon(radar=given).sight(near, scene).senses.tolist() == [EYES, RADAR]


def test_a_camera_that_tells_by_johnson_s_criteria_tells_less_from_farther(scene: Scene, standing: Standing) -> None:
    video = Video(range_m=12_000.0, recognise_m=5_000.0)
    sight = balloon(detection=video.model_dump(exclude_none=True)).sight(standing([50_000.0, 50_000.0], [np.sqrt(24e6), 9000.0]), scene)
    assert sight.p_classify[0] == pytest.approx(0.5)
    assert sight.p_classify[1] < 0.2


def aloft(scene: Scene, **written: Any) -> float:
    """Share of the time that the one balloon watches."""
    stints = rehearse(balloon(**written), scene, Dice(1, 0)).stints
    return sum(stint.off_s - stint.on_s for stint in stints) / scene.horizon_s


CALM = {"grounded": NEVER, "availability": 1.0, "in_icing": True}


def test_in_fit_weather_it_stays_up_and_in_none_it_stays_down(scene: Scene) -> None:
    assert aloft(scene, wind="1000 m/s", **CALM) == 1.0
    assert aloft(scene, wind="0.001 m/s", **CALM) == 0.0
    assert aloft(scene, **CALM | {"availability": 0.0}) == 0.0
    assert aloft(scene, **CALM | {"grounded": [1.0] * 12}) == 0.0


@pytest.fixture
def windy(scene: Scene, sky_over: Callable[..., Sky]) -> Scene:
    """A mean wind of 15 m/s in spells of 6 hours."""
    return Scene(scene.stage, sky_over(wind_mps=(15.0,) * 12, spell_s=6 * HOUR))


def test_it_is_up_while_the_wind_is_within_its_limit_and_two_hours_later_after_each_time_down(windy: Scene) -> None:
    one = balloon(wind="15 m/s", **CALM)
    begins_s, ends_s = windy.sky.rules(windy.sky.patch_of(50_000.0), one.limits)
    assert len(begins_s) > 10
    stints = sorted(rehearse(one, windy, Dice(1, 0)).stints, key=by_unit)
    for stint in stints:
        assert not ((begins_s < stint.off_s) & (ends_s > stint.on_s)).any()
        assert stint.on_s == 0.0 or any(abs(stint.on_s - 2 * HOUR - end_s) < 0.01 for end_s in ends_s)
    assert all(before.off_s + 2 * HOUR <= after.on_s for before, after in pairwise(stints))


def test_the_share_of_time_aloft_is_that_of_winds_within_the_limit(scene: Scene, sky_over: Callable[..., Sky]) -> None:
    """By a Weibull law of shape 2 and mean 15 m/s, 1 - exp(-pi / 4) = 0.544 of all winds stay below the mean."""
    short = Scene(scene.stage, sky_over(wind_mps=(15.0,) * 12, spell_s=0.5 * HOUR))
    assert aloft(short, wind="15 m/s", rise="0 s", **CALM) == pytest.approx(1 - np.exp(-np.pi / 4), abs=0.05)


def test_small_and_large_balloons_fly_sixty_to_seventy_five_hundredths_of_a_year(played: Callable[..., Play]) -> None:
    """TARS flies 60 % of the time by weather and works 98 % of it (published); of the small class 0.6 to 0.75 is assumed."""
    plan = played("length: 360 days\nsensors: {it: {kind: aerostat, from: 0 km, to: 100 km, every: 10 km}}").plans["it"]
    assert 0.60 < sum(stint.off_s - stint.on_s for stint in plan.stints) / (10 * 361 * DAY) < 0.75


def test_equipment_fails_on_top_of_the_weather(scene: Scene) -> None:
    many = balloon(at=None, **{"from": "0 km", "to": "100 km", "every": "250 m"}, **CALM | {"availability": 0.8}, rise="0 s", wind="99 m/s")
    stints = rehearse(many, scene, Dice(1, 0)).stints
    assert sum(stint.off_s - stint.on_s for stint in stints) / (400 * 30 * DAY) == pytest.approx(0.8, abs=0.015)


def test_a_planner_is_warned_of_heights_winds_and_cameras_that_are_not_known(scene: Scene) -> None:
    assert balloon().concerns(scene.stage) == []
    assert balloon(height="4.6 km", wind="65 kt", offset="5 km").concerns(scene.stage) == []
    assert any("20,000 m high" in concern for concern in balloon(height="20 km").concerns(scene.stage))
    assert any("does not reach from its height" in concern for concern in balloon(height="20 km").concerns(scene.stage))
    assert any("51 m/s of wind" in concern for concern in balloon(wind="100 kt").concerns(scene.stage))


GUNS = """
violations:
  guns: {kind: heavy_weapons, rate: 20 /day, p_hidden: 0.2, lasts: {median: 6 h, p90: 2 d}}
sensors:
  it: {kind: aerostat, from: 0 km, to: 100 km, every: 20 km}
"""


def test_balloons_find_guns_in_a_scenario(played: Callable[..., Play]) -> None:
    assert len(list(played(GUNS).log.of("contact"))) > 5
