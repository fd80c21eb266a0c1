"""Satellites that map fires: what is a fire, cloud, and how often they pass."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.ops import rehearse
from sim.scene import Scene, Stage, Targets
from sim.sensors.overpasses import LOOK_S
from sim.sensors.thermal_satellite import ThermalSatellite, edge_deg
from sim.sky import Environment, draw_sky
from sim.story import Play
from sim.units import DAY, HOUR, MINUTE
from sim.watch import windows
from sim.weather import Weather

Standing = Callable[..., Targets]

FIRE = {"size_m": np.nan, "heat_k": 600.0, "trace_m": 30.0, "end_s": 6 * HOUR}
BURSTS = {"size_m": 5.0, "heat_k": 600.0, "sound_db": 180.0, "end_s": 20 * MINUTE}


def mapper(**written: Any) -> ThermalSatellite:
    one = ThermalSatellite.choose({"kind": "thermal_satellite", "name": "it"} | written)
    assert isinstance(one, ThermalSatellite)
    return one


@pytest.fixture
def ten_days(stage: Stage) -> Stage:
    return replace(stage, length_s=10 * DAY, horizon_s=10 * DAY, memo={})


def under(stage: Stage, cloud: float, replication: int = 0, spell_s: float = DAY) -> Scene:
    """The line under cloud for a share of the time, in spells of a day."""
    weather = Weather(cloud=(cloud,) * 12, murk=(0.0,) * 12, spell_s=spell_s, region_m=200_000.0)
    return Scene(stage, draw_sky(Environment(weather=weather), stage.line, stage.start, stage.horizon_s, [], Dice(1, replication)))


def p_look(scene: Scene, standing: Standing, offset_m: float = 5_000.0, **columns: Any) -> float:
    """Chance that one look finds a target at km 50, from the rate and the second that a look lasts."""
    sight = mapper().sight(standing(50_000.0, offset_m, **columns), scene)
    return float(1.0 - np.exp(-sight.rate_per_s[0, 0] * LOOK_S)) if len(sight) else 0.0


@pytest.mark.parametrize("offset_m", [-39_000.0, 0.0, 20_000.0])
def test_a_fire_is_found_by_one_passage_in_five_and_bursts_by_one_in_two_hundred(scene: Scene, standing: Standing, offset_m: float) -> None:
    assert p_look(scene, standing, offset_m, **FIRE) == pytest.approx(0.2)
    assert p_look(scene, standing, offset_m, **BURSTS) == pytest.approx(0.005)
    assert p_look(scene, standing, offset_m, **{**FIRE, "end_s": 9 * MINUTE}) == pytest.approx(0.005)  # hot for a moment only


@pytest.mark.parametrize(
    "columns",
    [{}, {"heat_k": 20.0}, {"heat_k": 199.0}, {"emitter_w": 100.0}, {"size_m": np.nan, "trace_m": 30.0}],
    ids=["cold guns", "a running tank", "hardly hot", "a jammer", "a cold crater"],
)
def test_what_is_not_hot_is_never_seen(scene: Scene, standing: Standing, columns: dict[str, Any]) -> None:
    assert p_look(scene, standing, **columns) == 0.0


def test_beyond_the_ground_that_is_mapped_nothing_is_seen(scene: Scene, standing: Standing) -> None:
    assert p_look(scene, standing, 40_500.0, **FIRE) == 0.0


def test_day_and_night_are_alike(scene: Scene, standing: Standing) -> None:
    rate = mapper().sight(standing(50_000.0, **FIRE), scene).rate_per_s
    assert (rate == rate[0, 0]).all()


def test_the_swath_of_viirs_ends_56_deg_off_the_nadir() -> None:
    """The scan is published as 56.28 deg to either side, the swath as 3,060 km."""
    assert edge_deg(3_060e3, 829e3) == pytest.approx(56.28, abs=0.1)
    assert edge_deg(100e3, 800e3) == pytest.approx(np.degrees(np.arctan(50 / 800)), abs=0.02)


def test_no_swath_is_wider_than_the_horizon(stage: Stage) -> None:
    """From 834 km the horizon is 27.84 deg of arc away, and 62.16 deg off the nadir: 6,192 km on both sides together."""
    wide = mapper(swath="7000 km")
    assert edge_deg(7_000e3, 834e3) == edge_deg(9_000e3, 834e3) == pytest.approx(62.16, abs=0.01)
    assert wide.concerns(replace(stage, memo={})) == ["sweeps 7,000 km, and sees 6,192 km at most"]
    assert mapper().concerns(replace(stage, memo={})) == []


def test_a_satellite_passes_48_north_3_4_times_a_day(stage: Stage) -> None:
    """An independent propagator, mean over 18 longitudes and 40 days: 3.415 by day and night."""
    month = replace(stage, memo={})
    one = mapper(orbit={"pattern": "sun_synchronous", "altitude": "834 km", "local_times": [13.5]})
    found = one.windows_over(month, np.linspace(0.0, 340.0, 18), np.full(18, 48.0))
    assert len(found) / 18 / 30 == pytest.approx(3.415, rel=0.02)


def test_every_passage_looks_at_every_tile_under_a_clear_sky_and_at_none_under_cloud(ten_days: Stage) -> None:
    one = mapper()
    clear, covered = (rehearse(one, under(ten_days, cloud), Dice(1, 0)).stints for cloud in (0.0, 1.0))
    assert len(clear) == len(one.looks(ten_days)) > 500
    assert not covered


def test_cloud_hides_its_share_and_more_from_the_side(ten_days: Stage) -> None:
    """Over many spells the share of looks that go through is (1 - c) ^ (1 + 0.3 / tan(elevation)) of each look's elevation."""
    one = mapper()
    looks = one.looks(ten_days)
    through = np.mean([len(rehearse(one, under(ten_days, 0.4, number, HOUR), Dice(1, number)).stints) for number in range(6)]) / len(looks)
    expected = float(np.mean(0.6 ** (1.0 + 0.3 / np.tan(np.radians(looks.elevation_deg)))))
    assert expected < 0.58
    assert through == pytest.approx(expected, abs=0.04)


def test_ten_passages_under_one_overcast_are_one_chance(ten_days: Stage, standing: Standing) -> None:
    """In spells far longer than the run a place is under cloud in all passages or in none that look down steeply."""
    one, targets = mapper(), standing(50_000.0, 3_000.0, end_s=10 * DAY, heat_k=600.0, size_m=np.nan)
    sight = one.sight(targets, under(ten_days, 0.0))
    meets = []
    for number in range(12):
        scene = under(ten_days, 0.5, number, 10_000 * DAY)
        meets.append(len(windows(sight, rehearse(one, scene, Dice(1, number)).stints, targets).row))
    assert meets.count(0) >= 3
    assert max(meets) >= 15


def test_a_fire_of_a_day_is_found_as_its_passages_add_up(played: Callable[..., Play]) -> None:
    """Two satellites give n passages in a day: 1 - 0.8^n of fires are found; cold guns never, bursts hardly ever."""
    play = played("""
violations:
  burns: {kind: heavy_weapons, rate: 40 /day, heat: 600 K, lasts: {law: fixed, value: 24 h}}
  cold: {kind: heavy_weapons, rate: 20 /day}
  fire: {kind: shelling, rate: 20 /day}
sensors: {it: {kind: thermal_satellite, false_alarms_per_look: 0}}
""")
    world = play.world
    seen = {entry.incident for entry in play.log.of("contact")}
    kind, begin_s = world.incidents.kind, world.incidents.start_s
    early = begin_s < 9 * DAY
    share = {
        name: float(np.isin(np.flatnonzero((kind == number) & early), list(seen)).mean())
        for number, name in enumerate(world.incidents.kinds)
    }
    one = world.scenario.sensors["it"]
    assert isinstance(one, ThermalSatellite)
    passes = len(one.looks(world.stage)) / len(one.tiles(world.stage).x_m) / (world.stage.horizon_s / DAY)
    assert share["burns"] == pytest.approx(1.0 - 0.8**passes, abs=0.06)
    assert share["cold"] == 0.0
    assert share["fire"] < 0.03


def test_the_place_is_told_to_a_pixel_and_nobody_is_blamed(scene: Scene, standing: Standing) -> None:
    sight = mapper().sight(standing(50_000.0, **FIRE), scene)
    assert sight.spreads_m[0].tolist() == [[375.0, 0.0], [0.0, 375.0]]
    assert sight.p_attribute.tolist() == [0.0]


def test_other_fires_come_by_look(played: Callable[..., Play]) -> None:
    """Looks in 11 days x 0.03, on 100 km of line cut into 4 x 3 tiles."""
    play = played("sensors: {it: {kind: thermal_satellite, deliver: {law: fixed, value: 1 min}}}")
    world = play.world
    one = world.scenario.sensors["it"]
    assert isinstance(one, ThermalSatellite)
    expected = 0.03 * len(one.looks(world.stage))
    assert sum(1 for _ in play.log.of("alarm")) == pytest.approx(expected, abs=4.0 * np.sqrt(expected))
    assert one.notes(world.stage)[0].startswith("a place of the line is passed 6.6 times a day")
