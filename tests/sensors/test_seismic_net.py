"""Geophones: who is felt as he goes over them, which blasts are felt from afar, and what is never felt."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.ops import rehearse
from sim.physics.acoustics import ground_velocity_mps
from sim.scene import Scene, Targets
from sim.sensors.seismic_net import BLASTS, STEPS, SeismicNet, p_meets
from sim.sky import STATES
from sim.story import Play
from sim.units import DAY, HOUR, KM

Standing = Callable[..., Targets]

WALKERS: dict[str, Any] = {"size_m": 0.75, "speed_mps": 3 * KM / HOUR, "pieces": 5.0}
VEHICLE: dict[str, Any] = {"size_m": 2.3, "speed_mps": 15 * KM / HOUR, "pieces": 1.0}
COLUMN: dict[str, Any] = {"size_m": 2.3, "speed_mps": 15 * KM / HOUR, "pieces": 4.0}


def net(**written: Any) -> SeismicNet:
    """One string about km 50, on the line itself, that never fails."""
    given = {"kind": "seismic_net", "name": "it", "at": {"ford": "50 km"}, "offset": "0 m", "availability": 1.0}
    one = SeismicNet.choose({name: value for name, value in (given | written).items() if value is not None})
    assert isinstance(one, SeismicNet)
    return one


def p_felt(
    scene: Scene, standing: Standing, beside_m: float, lasts_s: float, one: SeismicNet | None = None, along_m: float = 0.0, **columns: Any
) -> float:
    """Chance that the string feels what is beside its middle, over all of the time."""
    sight = (one or net()).sight(standing(50_000.0 + along_m, beside_m, 0.0, lasts_s, **columns), scene)
    return float(-np.expm1(-sight.rate_per_s[:, 0].sum() * lasts_s))


@pytest.mark.parametrize(("columns", "range_m"), [(WALKERS, 37.4), (VEHICLE, 300.0), (COLUMN, 424.3)])
@pytest.mark.parametrize("beside_m", [10.0, 500.0, 900.0])
def test_a_way_of_two_kilometres_is_felt_by_its_share_of_headings(
    scene: Scene, standing: Standing, columns: dict[str, Any], range_m: float, beside_m: float
) -> None:
    """Two kilometres about the middle: at a distance d it reaches the string, less the range r, at 2 acos(d - r) of 180 degrees."""
    endless = net(string="60 km")
    lasts_s = 2000.0 / columns["speed_mps"]
    away_m = max(beside_m - range_m, 0.0)
    assert p_felt(scene, standing, beside_m, lasts_s, endless, **columns) == pytest.approx(
        0.9 * 2 / np.pi * np.arccos(away_m / 1000.0), abs=2e-3
    )


@pytest.mark.parametrize("place_m", [(0.0, 500.0), (900.0, 300.0), (1500.0, 200.0), (-700.0, 50.0)])
def test_the_share_of_headings_is_what_throwing_them_gives(place_m: tuple[float, float]) -> None:
    along_m, across_m = place_m
    heading = (np.arange(200_000) + 0.5) / 200_000 * np.pi
    with np.errstate(divide="ignore"):
        steps_m = across_m / np.sin(heading)
    meets = (np.abs(steps_m) <= 1000.0) & (np.abs(along_m + steps_m * np.cos(heading)) <= 800.0)
    found = p_meets(np.array([along_m]), np.array([across_m]), np.array([1000.0]), 800.0, np.zeros(1))
    assert found[0] == pytest.approx(meets.mean(), abs=1e-4)


def test_ranges_go_with_the_root_of_mass_times_speed() -> None:
    """Nine times the speed, three times the range; sixteen pieces, twice; never beyond 500 m; a walker is felt at 25 m."""
    one = net()
    assert float(one.stirs_m(2.3, 15 / 3.6)) == pytest.approx(300.0)
    assert float(one.stirs_m(2.3, 15 / 3.6 / 9)) == pytest.approx(100.0)
    assert float(one.stirs_m(0.75, 3 / 3.6)) == pytest.approx(25.0, abs=0.1)
    assert float(one.stirs_m(0.75, 3 / 3.6, 16)) == pytest.approx(50.0, abs=0.2)
    assert float(one.stirs_m(3.0, 20.0, 10)) == 500.0


def test_walkers_pass_between_geophones_that_stand_too_far_apart(scene: Scene, standing: Standing) -> None:
    """One walker is felt at 25 m to either side: half of him at every 100 m."""
    one = {**WALKERS, "pieces": 1.0}
    lasts_s = 2000.0 / one["speed_mps"]
    dense, thin = (p_felt(scene, standing, 10.0, lasts_s, net(apart=apart), **one) for apart in ("50 m", "100 m"))
    assert dense == pytest.approx(0.9, abs=0.01)
    assert thin == pytest.approx(0.45, abs=0.01)
    assert net().concerns(scene.stage) == []
    assert any("feels a shell of 155 mm burst to 2.6 km only" in concern for concern in net(offset="3 km").concerns(scene.stage))
    assert any("50%" in concern for concern in net(apart="100 m").concerns(scene.stage))


def test_who_does_not_come_near_is_not_felt(scene: Scene, standing: Standing) -> None:
    """A way of 2 km about a place 1.31 km off ends 10 m short of the range of a vehicle."""
    lasts_s = 2000.0 / VEHICLE["speed_mps"]
    assert p_felt(scene, standing, 1290.0, lasts_s, **VEHICLE) > 0.0
    assert p_felt(scene, standing, 1310.0, lasts_s, **VEHICLE) == 0.0
    assert p_felt(scene, standing, 0.0, lasts_s, along_m=2110.0, **VEHICLE) == 0.0


@pytest.mark.parametrize("sound_db", [160.0, 170.0, 180.0])
@pytest.mark.parametrize("share", [0.3, 1.0, 1.5])
def test_blasts_are_felt_by_the_logistic_edge_about_where_the_ground_moves_enough(
    scene: Scene, standing: Standing, sound_db: float, share: float
) -> None:
    """7 kg at 180 dB; 10 dB less are 31.6 times less. The ground moves by 10 um/s where half are felt: 0.55, 1.2 and 2.6 km."""
    charge_kg = 7.0 * 10.0 ** (0.15 * (sound_db - 180.0))
    half_m = 1000.0 * float(ground_velocity_mps(charge_kg, 1000.0) / 1e-5) ** (1 / 1.6)
    found = p_felt(scene, standing, share * half_m, 60.0, sound_db=sound_db)
    assert found == pytest.approx(1 / (1 + np.exp((share - 1) / 0.2)), abs=1e-3)
    assert p_felt(scene, standing, 1.81 * half_m, 60.0, sound_db=sound_db) == 0.0


@pytest.mark.parametrize(
    "columns",
    [
        {"size_m": 2.3, "heat_k": 10.0, "rcs_m2": 10.0},
        {"sound_db": 110.0},
        {"size_m": 2.0, "speed_mps": 22.0, "height_m": 500.0, "sound_db": 95.0},
        {"size_m": np.nan, "rcs_m2": 0.01, "speed_mps": 300.0, "height_m": 2000.0},
        {"size_m": np.nan, "trace_m": 5.0},
        {"emitter_w": 100.0},
    ],
    ids=["a gun that stands", "an engine that idles", "a drone", "a shell", "a crater", "a jammer"],
)
def test_what_is_never_felt(scene: Scene, standing: Standing, columns: dict[str, Any]) -> None:
    assert p_felt(scene, standing, 5.0, DAY, **columns) == 0.0


def test_steps_and_blasts_are_two_senses_and_a_blast_tells_nobody(scene: Scene, standing: Standing) -> None:
    steps = net().sight(standing(50_000.0, 100.0, 0.0, HOUR, **VEHICLE), scene)
    blast = net().sight(standing(50_000.0, 1500.0, 0.0, HOUR, sound_db=180.0), scene)
    assert (steps.sense.tolist(), blast.sense.tolist()) == ([STEPS], [BLASTS])
    assert (steps.p_attribute.tolist(), blast.p_attribute.tolist()) == ([0.1], [0.0])
    assert blast.delay_s.tolist() == pytest.approx([10.0 + 5.0], abs=0.01)
    assert blast.spread_m[0] == pytest.approx(450.0 * np.eye(2), rel=1e-3)
    assert steps.spread_m[0] == pytest.approx(300.0 * np.eye(2))


def test_all_states_of_the_sky_are_alike(scene: Scene, standing: Standing) -> None:
    rate = net().sight(standing(50_000.0, 100.0, 0.0, HOUR, **VEHICLE), scene).rate_per_s
    assert rate.shape == (1, STATES)
    assert (rate == rate[0, 0]).all()


def test_strings_lie_in_a_row_with_or_without_gaps(scene: Scene) -> None:
    row = {"at": None, "from": "0 km", "to": "100 km"}
    whole, open_ = net(**row, every="1600 m"), net(**row, every="2 km")
    assert len(whole.units(scene.stage)) == 62
    assert whole.concerns(scene.stage) == []
    assert any("400 m lie open" in concern for concern in open_.concerns(scene.stage))
    assert whole.reach_m(scene.stage)[0] == (0.0, 1600.0)
    assert whole.spans_m(scene)[0] == 1600.0


def test_strings_work_for_their_share_and_give_one_false_alarm_in_ninety_days(scene: Scene) -> None:
    row = {"at": None, "from": "0 km", "to": "100 km", "every": "1 km"}
    plan = rehearse(net(**row, availability=0.8), scene, Dice(1, 0))
    assert sum(stint.off_s - stint.on_s for stint in plan.stints) / (100 * 30 * DAY) == pytest.approx(0.8, abs=0.03)
    assert net().slips_per_s * 90 * DAY == pytest.approx(1.0)


def test_a_net_before_the_line_feels_who_crosses_it_and_who_fires_there(played: Callable[..., Play]) -> None:
    play = played("""
violations:
  armour: {kind: armoured_incursion, rate: 10 /day, p_side_a: 0}
  walk: {kind: foot_incursion, rate: 10 /day, p_side_a: 0}
  fire: {kind: shelling, rate: 10 /day}
  guns: {kind: heavy_weapons, rate: 10 /day}
sensors:
  it: {kind: seismic_net, from: 0 km, to: 100 km, every: 1600 m, offset: 150 m}
""")
    world = play.world
    felt = {entry.incident for entry in play.log.of("contact") if entry.actor == "it"}
    share = {
        kind: len(felt & set(np.flatnonzero(world.incidents.kind == number).tolist())) / int((world.incidents.kind == number).sum())
        for number, kind in enumerate(world.incidents.kinds)
    }
    assert share["armour"] > 0.7
    assert share["walk"] > 0.5
    assert 0.2 < share["fire"] < 0.9
    assert share["guns"] < 0.2
