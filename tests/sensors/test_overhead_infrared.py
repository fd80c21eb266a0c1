"""Infrared sensors that stare from high orbits: events by heat, cloud, and the owner's delay."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.dice import Dice
from sim.ops import rehearse
from sim.physics.imaging import cloud_free
from sim.scene import Scene, Targets
from sim.sensors.overhead_infrared import OverheadInfrared
from sim.sky import Sky
from sim.story import Play
from sim.units import DAY, HOUR, MINUTE

Standing = Callable[..., Targets]

GUNS = {"heat_k": 500.0, "sound_db": 180.0}
ROCKETS = {"heat_k": 1_000.0, "sound_db": 185.0}
MISSILE = {"heat_k": 2_000.0, "sound_db": 200.0}


def starer(**written: Any) -> OverheadInfrared:
    one = OverheadInfrared.choose({"kind": "overhead_infrared", "name": "it"} | written)
    assert isinstance(one, OverheadInfrared)
    return one


def p_event(scene: Scene, standing: Standing, lasts_s: float = 40.0, offset_m: float = 5_000.0, **columns: Any) -> float:
    """Chance that the whole of an event is seen, from its rate and its length."""
    sight = starer().sight(standing(50_000.0, offset_m, HOUR, HOUR + lasts_s, **columns), scene)
    return float(1.0 - np.exp(-sight.rate_per_s[0, 0] * lasts_s)) if len(sight) else 0.0


@pytest.mark.parametrize(("columns", "p"), [(GUNS, 0.02), (ROCKETS, 0.5), (MISSILE, 0.98)], ids=["guns", "rockets", "a missile"])
@pytest.mark.parametrize("lasts_s", [5.0, 35 * MINUTE])
@pytest.mark.parametrize("offset_m", [0.0, 15_000.0, -80_000.0])
def test_an_event_has_one_chance_by_its_heat_wherever_it_is_and_however_long(
    scene: Scene, standing: Standing, columns: dict[str, Any], p: float, lasts_s: float, offset_m: float
) -> None:
    assert p_event(scene, standing, lasts_s, offset_m, **columns) == pytest.approx(p)


@pytest.mark.parametrize(
    "columns",
    [{}, {"heat_k": 20.0, "sound_db": 110.0}, {"heat_k": 600.0}, {"sound_db": 180.0}, {"emitter_w": 100.0}, {"trace_m": 30.0}],
    ids=["cold guns", "a tank that drives", "a fire", "a bang", "a jammer", "a crater"],
)
def test_engines_fires_and_what_is_cold_or_silent_are_never_seen(scene: Scene, standing: Standing, columns: dict[str, Any]) -> None:
    assert p_event(scene, standing, **columns) == 0.0


def test_a_slope_steeper_than_the_sight_hides_an_event(scene: Scene, standing: Standing) -> None:
    assert p_event(scene, standing, **ROCKETS, mask_deg=34.0) == pytest.approx(0.5)
    assert p_event(scene, standing, **ROCKETS, mask_deg=36.0) == 0.0


def test_day_night_and_interference_are_alike(scene: Scene, standing: Standing) -> None:
    rate = starer().sight(standing(50_000.0, **GUNS), scene).rate_per_s
    assert (rate == rate[0, 0]).all()


def test_a_geostationary_satellite_stands_35_deg_high_at_48_north() -> None:
    """Orbit of 42,164 km, Earth of 6,378 km: tan(h) = (cos 48 - 6378 / 42164) / sin 48."""
    height_deg = np.degrees(np.arctan2(np.cos(np.radians(48.0)) - 6378.0 / 42164.0, np.sin(np.radians(48.0))))
    assert starer().elevation_deg == pytest.approx(height_deg, abs=0.3)


def test_cloud_hides_shots_by_its_share_but_not_missiles(stage: Any, sky_over: Callable[..., Sky], standing: Standing) -> None:
    """Under cloud for 40 % of the time 0.6 ^ (1 + 0.3 / tan 35) = 0.48 of the places are seen."""
    chainage_m, start_s = np.tile(np.arange(500.0, 100_000.0, 10_000.0), 700), np.repeat(np.arange(700) * HOUR, 10)
    seen = {}
    for name, columns in (("guns", GUNS), ("missile", MISSILE)):
        targets = standing(chainage_m, 5_000.0, start_s, start_s + 60.0, **columns)
        found = [
            len(starer().sight(targets, Scene(stage, sky_over(number, cloud=[0.4] * 12, spell_s=4 * HOUR)))) / len(targets)
            for number in range(3)
        ]
        seen[name] = float(np.mean(found))
    assert seen["guns"] == pytest.approx(float(cloud_free(0.4, 35.0)), abs=0.03)
    assert seen["missile"] == 1.0


def test_one_gap_serves_all_shots_at_a_place_in_a_spell(stage: Any, sky_over: Callable[..., Sky], standing: Standing) -> None:
    targets = standing(np.full(50, 52_000.0), 5_000.0, np.arange(50) * HOUR, np.arange(50) * HOUR + 60.0, **GUNS)
    counts = {len(starer().sight(targets, Scene(stage, sky_over(number, cloud=[0.5] * 12, spell_s=10_000 * DAY)))) for number in range(12)}
    assert counts == {0, 50}


def test_it_stares_all_the_time_as_one_unit(scene: Scene) -> None:
    (stint,) = rehearse(starer(), scene, Dice(1, 0)).stints
    assert (stint.on_s, stint.off_s) == (0.0, 30 * DAY)
    assert starer().spans_m(scene) == (scene.line.length_m,)


def test_the_owner_knows_after_a_minute_and_a_half_others_when_it_shares(scene: Scene, standing: Standing) -> None:
    sight = starer().sight(standing(50_000.0, **MISSILE), scene)
    assert sight.delay_s.tolist() == [90.0]
    assert sight.spreads_m[0].tolist() == [[1_000.0, 0.0], [0.0, 1_000.0]]


def test_thresholds_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValidationError, match="not hotter than a salvo"):
        starer(shot="900 K")


def test_an_owner_who_keeps_nothing_back_is_pointed_out(scene: Scene) -> None:
    assert starer().concerns(scene.stage) == ["without 'deliver' its owner tells everybody at once"]
    assert starer(deliver={"median": "2 h", "p90": "12 h"}).concerns(scene.stage) == []
    assert "90 deg is the zenith" in starer(elevation="120 deg").concerns(scene.stage)[0]


@pytest.mark.parametrize(("share", "late_s"), [("null", 90.0), ("{law: fixed, value: 6 h}", 6 * HOUR + 90.0)])
def test_guns_are_seen_seldom_and_known_when_the_owner_shares(played: Callable[..., Play], share: str, late_s: float) -> None:
    """A fire mission has two rows that flash: 1 - 0.98^2 = 4 %; vehicles and jammers never."""
    play = played(f"""
violations:
  fire: {{kind: shelling, rate: 200 /day, lasts: {{law: fixed, value: 10 min}}}}
  armour: {{kind: armoured_incursion, rate: 20 /day}}
  jam: {{kind: jamming, rate: 5 /day}}
sensors: {{it: {{kind: overhead_infrared, false_alarms: 0 /h, deliver: {share}}}}}
""")
    world = play.world
    contacts = list(play.log.of("contact"))
    kind = world.incidents.kind[sorted({entry.incident for entry in contacts})]
    names = world.incidents.kinds
    assert {names[number] for number in kind.tolist()} == {"fire"}
    fires = int((world.incidents.kind == names.index("fire")).sum())
    assert len(kind) / fires == pytest.approx(1.0 - 0.98**2, abs=0.015)
    seen_s, known_s = (np.sort([entry.t_s for entry in play.log.of(verb)]) for verb in ("contact", "alarm"))
    assert known_s - seen_s == pytest.approx(late_s, abs=0.01)
