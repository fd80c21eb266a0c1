"""Sound ranging: how far shots are heard, by how many posts, how well they are placed, and what is never heard."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from sim.dice import Dice
from sim.ops import rehearse
from sim.physics.acoustics import SHOT_DB, half_heard_m, p_at_least, p_heard, position_spread_m, sound_delay_s
from sim.scene import Scene, Targets
from sim.sensors.acoustic_array import HEARD, LOCATED, AcousticArray
from sim.sky import STATES, Sky
from sim.story import Play
from sim.units import DAY, HOUR, MINUTE
from sim.watch import Sight

Standing = Callable[..., Targets]

GUN = {"size_m": 2.3, "rcs_m2": 10.0, "heat_k": 500.0}
LASTS_S = 10 * MINUTE
STILL_S = 12 * HOUR


def array(**written: Any) -> AcousticArray:
    """One array of six posts about km 50, on the line itself, that never fails."""
    given = {"kind": "acoustic_array", "name": "it", "at": {"hill": "50 km"}, "offset": "0 m", "deep": "0 m", "availability": 1.0}
    one = AcousticArray.choose({name: value for name, value in (given | {"post_availability": 1.0} | written).items() if value is not None})
    assert isinstance(one, AcousticArray)
    return one


class StillAir:
    """A sky in which sound always carries the same."""

    def __init__(self, sky: Sky, factor: float) -> None:
        self.sky, self.factor = sky, factor

    def carries(self, chainage_m: np.ndarray, seconds: np.ndarray) -> np.ndarray:
        return np.full(len(seconds), self.factor)

    def patch_of(self, chainage_m: float) -> int:
        return self.sky.patch_of(chainage_m)


@pytest.fixture
def still(scene: Scene) -> Callable[..., Scene]:
    """The line in air that carries sound by one factor."""

    def still(factor: float = 1.0) -> Scene:
        air: Any = StillAir(scene.sky, factor)
        return Scene(scene.stage, air)

    return still


def shot(standing: Standing, beside_m: float, sound_db: float, chainage_m: float = 50_000.0, **columns: Any) -> Targets:
    return standing(chainage_m, beside_m, STILL_S, STILL_S + LASTS_S, sound_db=sound_db, **(GUN | columns))


def p_of(sight: Sight, sense: int = LOCATED) -> float:
    """Chance of the row's one target, over the length of the act."""
    rows = np.flatnonzero(sight.senses == sense)
    assert len(rows) <= 1
    return float(-np.expm1(-sight.rate_per_s[rows[0], 0] * LASTS_S)) if len(rows) else 0.0


@pytest.mark.parametrize(("weapon", "half_m"), [("mortar", 6000.0), ("howitzer", 14_000.0), ("rocket_launcher", 18_000.0)])
@pytest.mark.parametrize("factor", [0.5, 1.0, 1.6])
@pytest.mark.parametrize("share", [0.4, 0.7, 1.0, 1.2])
def test_three_of_six_posts_hear_by_the_logistic_edge_and_the_weather(
    still: Callable[..., Scene], standing: Standing, weapon: str, half_m: float, factor: float, share: float
) -> None:
    """Posts stand 1, 3 and 5 km to either side; a post hears half of the mortars at 6, howitzers at 14, rockets at 18 km in usual air."""
    exact_m = float(half_heard_m(SHOT_DB[weapon])) * factor
    assert exact_m == pytest.approx(half_m * factor, rel=0.01)
    beside_m = share * exact_m
    range_m = np.hypot(np.array([1000.0, 3000.0, 5000.0] * 2), beside_m)
    chance = np.where(range_m <= 1.6 * exact_m, p_heard(range_m, exact_m), 0.0)
    found = p_of(array().sight(shot(standing, beside_m, SHOT_DB[weapon]), still(factor)))
    assert found == pytest.approx(float(p_at_least(chance[None], 3)[0]), abs=2e-3)


def test_at_the_range_for_half_three_posts_at_one_place_hear_half_and_two_less_than_half(
    still: Callable[..., Scene], standing: Standing
) -> None:
    """Of three fair coins all fall right in one of eight; with posts that work for 0.8 of the time, in 0.064 instead."""
    close = array(posts=3, apart="1 m")
    assert p_of(close.sight(shot(standing, 14_000.0, 180.0), still())) == pytest.approx(0.125, abs=2e-3)
    broken = array(posts=3, apart="1 m", post_availability=0.8)
    assert p_of(broken.sight(shot(standing, 14_000.0, 180.0), still())) == pytest.approx(0.4**3, abs=2e-3)


def test_small_arms_are_placed_near_the_posts_only(still: Callable[..., Scene], standing: Standing) -> None:
    dense = array(posts=8, apart="500 m")
    assert p_of(dense.sight(shot(standing, 500.0, SHOT_DB["small_arms"]), still())) > 0.9
    assert p_of(dense.sight(shot(standing, 2500.0, SHOT_DB["small_arms"]), still())) == 0.0


def test_beyond_the_edge_there_is_nothing(still: Callable[..., Scene], standing: Standing) -> None:
    """The edge ends at 1.6 times 14 km for each post."""
    assert p_of(array().sight(shot(standing, 22_000.0, 180.0), still())) > 0.0
    assert len(array(bearings=True).sight(shot(standing, 22_500.0, 180.0), still())) == 0
    assert p_of(array().sight(shot(standing, 11_300.0, 180.0), still(0.5))) == 0.0


@pytest.mark.parametrize("sound_db", [np.nan, 110.0, 95.0, -np.inf])
def test_what_is_silent_or_no_shot_is_never_heard(still: Callable[..., Scene], standing: Standing, sound_db: float) -> None:
    assert len(array(bearings=True).sight(shot(standing, 10.0, sound_db), still(1.6))) == 0


def test_the_weather_is_that_of_the_place_as_the_act_begins(scene: Scene, standing: Standing) -> None:
    starts_s = np.arange(60) * 12 * HOUR + 1.0
    targets = standing(np.full(60, 50_000.0), 10_000.0, starts_s, starts_s + LASTS_S, sound_db=180.0)
    factor = scene.sky.carries(targets.chainage_m, targets.start_s)
    assert set(factor.tolist()) == {0.5, 1.0, 1.6}
    sight = array().sight(targets, scene)
    found = np.zeros(60)
    found[sight.target] = -np.expm1(-sight.rate_per_s[:, 0] * LASTS_S)
    assert found[factor == 0.5].max() < 0.05
    assert found[factor == 1.0].min() > 0.9
    assert found[factor == 1.6].min() > 0.99


def test_all_states_of_the_sky_are_alike(still: Callable[..., Scene], standing: Standing) -> None:
    rate = array().sight(shot(standing, 9000.0, 180.0), still()).rate_per_s
    assert rate.shape == (1, STATES)
    assert (rate == rate[0, 0]).all()


def test_fewer_posts_give_a_bearing_and_both_together_what_any_post_hears(still: Callable[..., Scene], standing: Standing) -> None:
    far = shot(standing, 16_000.0, 180.0)
    sight = array(bearings=True).sight(far, still())
    placed, only_heard = p_of(sight), p_of(sight, HEARD)
    chance = p_heard(np.hypot(np.array([1000.0, 3000.0, 5000.0] * 2), 16_000.0), 14_000.0)
    assert 1.0 - (1.0 - placed) * (1.0 - only_heard) == pytest.approx(1.0 - float(np.prod(1.0 - chance)), abs=5e-3)
    located, heard = (np.flatnonzero(sight.sense == sense)[0] for sense in (LOCATED, HEARD))
    assert np.linalg.det(sight.spread_m[heard]) > 10 * np.linalg.det(sight.spread_m[located])
    assert sight.p_classify[heard] == pytest.approx(sight.p_classify[located] / 2)
    assert sight.p_attribute[heard] < sight.p_attribute[located]
    assert p_of(array().sight(far, still()), HEARD) == 0.0


def test_a_place_is_as_good_as_the_three_nearest_posts_and_those_that_likely_hear_make_it(
    still: Callable[..., Scene], standing: Standing
) -> None:
    """At 10 km the floor alone is 1.5 %, 150 m and a little more for the mean distance."""
    one = array(deep="1 km")
    sight = one.sight(shot(standing, 10_000.0, 180.0), still())
    source_m = np.array([[still().line.at(50_000.0, 10_000.0)[axis] for axis in (0, 1)]], dtype=np.float64)
    whole = position_spread_m(source_m, one.posts_m(50_000.0, still().line), np.ones((1, 6), dtype=bool))
    assert sight.spread_m == pytest.approx(whole)
    assert 150.0 < np.sqrt(np.linalg.det(sight.spread_m[0])) < 250.0


def test_wind_that_nobody_measures_adds_148_m_at_10_km(still: Callable[..., Scene], standing: Standing) -> None:
    calm, windy = (
        one.sight(shot(standing, 10_000.0, 180.0), still()).spread_m[0]
        for one in (array(posts=3, apart="4 km"), array(posts=3, apart="4 km", wind="5 m/s"))
    )
    mean_m = np.mean([10_000.0, np.hypot(10_000.0, 4000.0), np.hypot(10_000.0, 4000.0)])
    assert np.trace(windy @ windy.T - calm @ calm.T) == pytest.approx(2 * (148.2 * mean_m / 10_000.0) ** 2, rel=1e-3)


def test_where_the_posts_fix_no_distance_the_place_is_a_bearing(still: Callable[..., Scene], standing: Standing) -> None:
    """Three posts 100 m apart, and a shot in one line with all of them: 40 % along the sight and 3 degrees across."""
    close = array(posts=3, apart="100 m")
    for chainage_m, beside_m, along, across in ((50_000.0, 10_000.0, 1, 0), (60_000.0, 0.0, 0, 1)):
        spread = close.sight(shot(standing, beside_m, 180.0, chainage_m), still()).spread_m[0]
        variance = np.diag(spread @ spread.T)
        assert np.sqrt(variance[along]) == pytest.approx(4000.0, rel=0.02)
        assert np.sqrt(variance[across]) == pytest.approx(10_000.0 * np.radians(3.0), rel=0.1)


def test_a_place_is_known_five_seconds_after_the_third_post_heard_it(still: Callable[..., Scene], standing: Standing) -> None:
    sight = array(bearings=True).sight(shot(standing, 16_000.0, 180.0), still())
    assert sight.delay_s.tolist() == pytest.approx([5.0 + sound_delay_s(np.hypot(near, 16_000.0)) for near in (3000.0, 1000.0)], abs=0.01)


def test_a_side_is_named_where_the_place_is_clear_of_the_line_and_the_weapon_told(still: Callable[..., Scene], standing: Standing) -> None:
    """Guns 8 km behind the line are clear of it; a shot on the line is of no side, and at one sigma from it in 0.68."""
    behind = array(offset="-3 km").sight(shot(standing, 8000.0, 180.0), still())
    assert behind.p_attribute[0] == pytest.approx(0.7, abs=0.01)
    assert array(offset="-3 km").sight(shot(standing, 0.0, 180.0), still()).p_attribute[0] == pytest.approx(0.0, abs=1e-6)
    edge = array(offset="-3 km").sight(shot(standing, 100.0, 180.0), still())
    sigma_m = float(np.sqrt((edge.spread_m[0] @ edge.spread_m[0].T)[1, 1]))
    one_sigma = array(offset="-3 km").sight(shot(standing, sigma_m, 180.0), still())
    assert one_sigma.p_attribute[0] == pytest.approx(0.6827 * 0.7, abs=0.02)


def test_a_burst_tells_nobody_who_fired(still: Callable[..., Scene], standing: Standing) -> None:
    sight = array().sight(shot(standing, 5000.0, 180.0, rcs_m2=np.nan), still())
    assert sight.p_classify.tolist() == pytest.approx([0.7], abs=0.01)
    assert sight.p_attribute.tolist() == [0.0]


@pytest.mark.parametrize(("weapon", "told"), [("mortar", 0.6), ("howitzer", 0.7), ("rocket_launcher", 0.8)])
def test_larger_weapons_are_told_more_often(still: Callable[..., Scene], standing: Standing, weapon: str, told: float) -> None:
    assert array().sight(shot(standing, 3000.0, SHOT_DB[weapon]), still()).p_classify.tolist() == pytest.approx([told])


def test_the_same_kind_listens_for_drones(still: Callable[..., Scene], standing: Standing) -> None:
    """Quadcopters of 95 dB to 0.5 km, one-way drones of 111.5 dB to 3 km; guns are not listened for; height counts as distance."""
    levels = {"noted": "40.8 dB", "quietest": "80 dB", "loudest": "130 dB"}
    close = array(posts=3, apart="1 m", **levels)
    for sound_db, half_m in ((95.0, 500.0), (111.5, 3000.0)):
        assert p_of(close.sight(shot(standing, half_m, sound_db), still())) == pytest.approx(0.125, abs=0.02)
        assert p_of(close.sight(shot(standing, 0.0, sound_db, height_m=half_m), still())) == pytest.approx(0.125, abs=0.02)
    assert len(close.sight(shot(standing, 100.0, 180.0), still())) == 0


def test_posts_stand_in_a_zigzag_and_never_beyond_the_end_of_the_line(scene: Scene) -> None:
    x_m, y_m = array(deep="1 km", offset="-2 km").posts_m(50_000.0, scene.line).T
    assert np.diff(x_m) == pytest.approx(np.full(5, 2000.0), rel=1e-3)
    line_m = scene.line.at(50_000.0)[1]
    assert y_m - line_m == pytest.approx([-2000.0, -3000.0] * 3, abs=2.0)
    assert np.diff(array().posts_m(1000.0, scene.line)[:, 0]) == pytest.approx(np.full(5, 2000.0), rel=1e-3)
    assert np.diff(array().posts_m(99_000.0, scene.line)[:, 0]) == pytest.approx(np.full(5, 2000.0), rel=1e-3)


def test_centres_work_for_their_share_of_the_time(scene: Scene) -> None:
    row = {"at": None, "from": "0 km", "to": "100 km", "every": "1 km"}
    plan = rehearse(array(**row, availability=0.8), scene, Dice(1, 0))
    assert sum(stint.off_s - stint.on_s for stint in plan.stints) / (100 * 30 * DAY) == pytest.approx(0.8, abs=0.03)


def test_bearings_cost_the_false_alarms_of_every_post(scene: Scene) -> None:
    assert array().slips_per_s * DAY == pytest.approx(0.06)
    assert array(bearings=True).slips_per_s * DAY == pytest.approx(0.06 + 6 * 0.2)
    assert any("1.3 false alarms a day" in concern for concern in array(bearings=True).concerns(scene.stage))
    assert array().spans_m(scene) == (10_000.0,)


def test_a_planner_is_warned_of_gaps_in_bad_weather(scene: Scene) -> None:
    row = {"at": None, "from": "0 km", "to": "100 km"}
    assert array(**row, every="12 km").concerns(scene.stage) == []
    assert any(
        "hears the loudest weapon to 18.0 km only" in concern
        for concern in array(**row, every="12 km", offset="20 km").concerns(scene.stage)
    )
    assert any("a mortar, are noted to 3.0 km" in concern for concern in array(**row, every="30 km").concerns(scene.stage))


@pytest.mark.parametrize(
    ("written", "words"),
    [({"posts": 4, "needed": 5}, "make 'posts' larger"), ({"loudest": "120 dB"}, "listen for nothing"), ({"posts": 2}, "greater than")],
)
def test_what_makes_no_sense_is_refused_in_words(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        array(**written)


def test_arrays_along_the_line_place_most_fire_missions_within_a_minute(played: Callable[..., Play]) -> None:
    play = played("""
violations:
  fire: {kind: shelling, rate: 20 /day}
  armour: {kind: armoured_incursion, rate: 5 /day}
sensors:
  it: {kind: acoustic_array, from: 0 km, to: 100 km, every: 12 km}
""")
    world = play.world
    heard = {entry.incident for entry in play.log.of("contact") if entry.actor == "it"}
    kinds = [world.incidents.kinds[world.incidents.kind[incident]] for incident in heard]
    fire = int((world.incidents.kind == world.incidents.kinds.index("fire")).sum())
    assert set(kinds) == {"fire"}
    assert 0.6 < len(heard) / fire < 1.0
