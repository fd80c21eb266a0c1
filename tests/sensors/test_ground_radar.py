"""Radars on masts: how far they follow what, what they never find, how a track starts, and how well it is placed."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.dice import Dice
from sim.ops import rehearse
from sim.physics.radar import horizon_m, p_heading, p_track
from sim.scene import Scene, Targets
from sim.sensors.ground_radar import GroundRadar
from sim.sky import JAMMED, MURK, NIGHT
from sim.story import Play
from sim.units import DAY, HOUR, KM

Standing = Callable[..., Targets]

PERSON: Any = {"rcs_m2": 0.5, "speed_mps": 3 * KM / HOUR, "size_m": 0.75}
VEHICLE: Any = {"rcs_m2": 10.0, "speed_mps": 15 * KM / HOUR, "size_m": 2.3}
DRONE: Any = {"rcs_m2": 0.02, "speed_mps": 80 * KM / HOUR, "size_m": 0.5, "height_m": 150.0}

FIVE_SCANS_S = 50.0


def radar(**written: Any) -> GroundRadar:
    given = {"kind": "ground_radar", "name": "it", "at": {"hill": "50 km"}, "offset": "0 m"}
    one = GroundRadar.choose({name: value for name, value in (given | written).items() if value is not None})
    assert isinstance(one, GroundRadar)
    return one


def p_found(
    scene: Scene, standing: Standing, beside_m: float, lasts_s: float = FIVE_SCANS_S, one: GroundRadar | None = None, **columns: Any
) -> float:
    """Chance that the one radar at km 50 starts a track of what moves beside it."""
    sight = (one or radar()).sight(standing(50_000.0, beside_m, 0.0, lasts_s, **columns), scene)
    return float(-np.expm1(-sight.rate_per_s[0, 0] * lasts_s)) if len(sight) else 0.0


@pytest.mark.parametrize(("columns", "half_m"), [(PERSON, 10_000.0), (VEHICLE, 10_000.0 * 20**0.25), (DRONE, 10_000.0 * 0.04**0.25)])
@pytest.mark.parametrize("share", [0.5, 0.8, 1.0, 1.2])
def test_five_scans_find_by_the_logistic_edge_the_headings_and_three_of_five(
    scene: Scene, standing: Standing, columns: Any, half_m: float, share: float
) -> None:
    """Half ranges are 10.0 km for a person, 21.1 km for a vehicle and 4.5 km for a quadcopter: by the fourth root of the cross-section."""
    high = radar(mast="40 m")
    p_hit = 0.9 / (1 + np.exp((share - 1.0) / 0.1)) * p_heading(0.5, columns["speed_mps"])
    assert p_found(scene, standing, share * half_m, one=high, **columns) == pytest.approx(float(p_track(p_hit, 5)), abs=1e-9)
    assert p_found(scene, standing, share * half_m, 100.0, one=high, **columns) == pytest.approx(float(p_track(p_hit, 10)), abs=1e-9)


@pytest.mark.parametrize("scans", [7, 20, 48, 180])
@pytest.mark.parametrize("p_hit", [0.05, 0.2, 0.5, 0.9])
def test_a_longer_stay_gives_what_the_chain_of_hits_gives(p_hit: float, scans: int) -> None:
    rate = radar().rate_per_s(np.array([p_hit]), np.array([10.0 * scans]))
    assert -np.expm1(-rate[0] * 10.0 * scans) == pytest.approx(float(p_track(p_hit, scans)), abs=0.01)


def test_nothing_is_followed_in_fewer_scans_than_a_track_needs(scene: Scene, standing: Standing) -> None:
    assert p_found(scene, standing, 1000.0, 29.0, **VEHICLE) == 0.0
    assert p_found(scene, standing, 1000.0, 30.0, **VEHICLE) > 0.5


def test_beyond_the_edge_there_is_nothing(scene: Scene, standing: Standing) -> None:
    """The edge ends at 1.39 times the range for half."""
    high = radar(mast="100 m")
    assert p_found(scene, standing, 13_800.0, HOUR, one=high, **PERSON) > 0.0
    assert p_found(scene, standing, 14_000.0, DAY, one=high, **PERSON) == 0.0


def test_the_horizon_of_a_mast_of_10_m_is_18_9_km_for_a_vehicle_2_m_high(scene: Scene, standing: Standing) -> None:
    """Published ranges of 48 km for tracked vehicles presuppose height: 4.12 (sqrt 10 + sqrt 2) = 18.9 km."""
    strong = radar(mast="10 m", range="48 km", reference_m2=10.0)
    column: Any = {**VEHICLE, "size_m": 2.0}
    assert float(horizon_m(10.0, 2.0)) == pytest.approx(18_900.0, abs=50.0)
    assert p_found(scene, standing, 18_800.0, HOUR, one=strong, **column) > 0.99
    assert p_found(scene, standing, 18_950.0, HOUR, one=strong, **column) == 0.0
    assert p_found(scene, standing, 18_950.0, HOUR, one=radar(mast="12 m", range="48 km", reference_m2=10.0), **column) > 0.99
    assert any("sees the ground to 19 km only" in concern for concern in strong.concerns(scene.stage))


def test_trees_hide_what_is_beyond_the_slope_of_the_sight(scene: Scene, standing: Standing) -> None:
    """From 20 m an angle of half a degree reaches 2,292 m."""
    assert p_found(scene, standing, 2250.0, **VEHICLE, mask_deg=0.5) > 0.9
    assert p_found(scene, standing, 2350.0, **VEHICLE, mask_deg=0.5) == 0.0


@pytest.mark.parametrize(
    "columns",
    [
        {"rcs_m2": 10.0, "speed_mps": 0.0},
        {"rcs_m2": 10.0, "speed_mps": 0.4},
        {"rcs_m2": np.nan, "speed_mps": 5.0},
        {"rcs_m2": 0.01, "speed_mps": 300.0, "height_m": 500.0},
        {"sound_db": 180.0, "heat_k": 500.0},
        {"rcs_m2": 0.02, "speed_mps": 20.0, "height_m": 400.0},
    ],
    ids=["a gun that stands", "what creeps", "what does not reflect", "a shell", "a shot", "a drone above the beam"],
)
def test_what_it_does_not_follow_at_all(scene: Scene, standing: Standing, columns: Any) -> None:
    assert p_found(scene, standing, 1000.0, DAY, **columns) == 0.0


def test_night_fog_and_interference_do_not_count(scene: Scene, standing: Standing) -> None:
    rate = radar().sight(standing(50_000.0, 5000.0, 0.0, HOUR, **VEHICLE), scene).rate_per_s[0]
    assert rate[0] > 0.0
    assert rate[[NIGHT, MURK, JAMMED, NIGHT | MURK | JAMMED]].tolist() == [rate[0]] * 4


def test_a_place_is_known_along_the_sight_and_less_well_across(scene: Scene, standing: Standing) -> None:
    """At 10 km half a degree is 87 m; the sight goes north, then north-east."""
    north = radar().sight(standing(50_000.0, 10_000.0, 0.0, HOUR, **VEHICLE), scene).spread_m[0]
    assert (north @ north.T)[[0, 1], [0, 1]] == pytest.approx([87.27**2, 15.0**2], rel=1e-3)
    slant = radar().sight(standing(50_000.0 + 7071.07, 7071.07, 0.0, HOUR, **VEHICLE), scene).spread_m[0]
    assert slant[0, 1] == 0.0
    assert np.linalg.eigvalsh(slant @ slant.T) == pytest.approx([15.0**2, 87.27**2], rel=1e-2)
    assert (slant @ slant.T)[0, 1] < 0.0


def test_radars_stand_in_a_row_or_at_named_places_on_the_line(scene: Scene) -> None:
    row = {"at": None, "from": "0 km", "to": "100 km", "every": "25 km"}
    assert radar(**row).chainages_m(scene.stage).tolist() == [12_500.0, 37_500.0, 62_500.0, 87_500.0]
    far = radar(at={"hill": "80 km", "mill": "20 km", "sea": "300 km"})
    assert [track.chainage_m for track in far.tracks(scene)] == [80_000.0, 20_000.0]
    assert list(far.units(scene.stage)) == [0, 1]
    assert any("1 of 3 places lie beyond the end" in concern for concern in far.concerns(scene.stage))


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"at": None}, "write either"),
        ({"from": "0 km", "to": "9 km", "every": "3 km"}, "write either"),
        ({"at": None, "from": "0 km", "to": "9 km"}, "write either"),
        ({"at": None, "from": "9 km", "to": "9 km", "every": "3 km"}, "must lie beyond"),
        ({"hits": 6}, "no window"),
        ({"least": "200 m/s"}, "not below"),
        ({"at": {"hill": 12}}, "unit"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        radar(**written)


def test_a_planner_is_warned_of_what_sees_no_walkers_or_not_the_line(scene: Scene) -> None:
    assert radar().concerns(scene.stage) == []
    assert any("people on foot" in concern for concern in radar(least="6 kt").concerns(scene.stage))
    assert any("stands 40.0 km from the line" in concern for concern in radar(offset="40 km").concerns(scene.stage))
    assert radar(offset="40 km").reach_m(scene.stage) == []
    ((from_m, to_m),) = radar().reach_m(scene.stage)
    assert (from_m, to_m) == pytest.approx((50_000.0 - 21_147.0, 50_000.0 + 21_147.0), abs=1.0)


def test_a_planner_is_warned_of_a_flood_of_false_tracks(scene: Scene) -> None:
    ten = radar(at=None, **{"from": "0 km", "to": "100 km", "every": "10 km"})
    assert any("gives 480 false tracks a day" in concern for concern in ten.concerns(scene.stage))


def test_radars_work_for_their_share_of_the_time(scene: Scene) -> None:
    many = radar(at=None, **{"from": "0 km", "to": "100 km", "every": "250 m"})
    plan = rehearse(many, scene, Dice(1, 0))
    assert sum(stint.off_s - stint.on_s for stint in plan.stints) / (400 * 30 * DAY) == pytest.approx(0.9, abs=0.015)


def test_two_false_tracks_an_hour_are_made_by_a_radar_that_never_breaks(played: Callable[..., Play]) -> None:
    play = played("length: 10 days\nfollow_up: 0 s\nsensors: {it: {kind: ground_radar, at: {hill: 50 km}, availability: 1.0}}")
    assert len(list(play.log.of("alarm"))) == pytest.approx(480, abs=5 * np.sqrt(480))


COLUMN = """
violations:
  armour:
    kind: armoured_incursion
    scripted: [{side: B, at: 30 h, chainage: 50 km, offset: 3 km, lasts: 2 h}]
sensors:
  it: {kind: ground_radar, at: {hill: PLACE}, mast: 60 m, availability: 1.0, false_alarms: 0 /h}
"""


def test_a_column_is_found_as_it_drives_in_and_from_too_far_off_it_is_not(played: Callable[..., Play]) -> None:
    """It drives 3 km at 15 km/h, for 12 minutes, in two legs; then it stands."""
    found = [entry.t_s - 30 * HOUR for entry in played(COLUMN.replace("PLACE", "52 km")).log.of("contact")]
    assert len(found) == 2
    assert all(0.0 < t_s < 12 * 60.0 for t_s in found)
    assert not list(played(COLUMN.replace("PLACE", "5 km")).log.of("contact"))
