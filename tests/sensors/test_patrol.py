"""Teams on the ground: what they hear and see, when they drive, and where they may not."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.kinds import Floats
from sim.ops import by_unit, rehearse
from sim.physics.acoustics import carries_m
from sim.physics.terrain import Relief
from sim.scene import Scene, Targets
from sim.sensors.patrol import EARS_BY_DAY, EARS_BY_NIGHT, EYES, Patrol
from sim.sky import MURK, NIGHT
from sim.units import DAY, HOUR

Standing = Callable[..., Targets]


def patrol(**written: Any) -> Patrol:
    given = {"kind": "patrol", "name": "it", "from": "0 km", "to": "100 km", "every": "20 km", "stand_off": "2 km"}
    one = Patrol.choose(given | written)
    assert isinstance(one, Patrol)
    return one


def senses(scene: Scene, targets: Targets) -> dict[int, Floats]:
    """Rates by state of the sky, for each sense that the first team has of the first target."""
    sight = patrol().sight(targets, scene)
    here = np.flatnonzero((sight.target == 0) & (sight.track == 0))
    return {int(sight.senses[row]): sight.rate_per_s[row] for row in here}


def test_a_gun_near_the_road_is_seen_and_heard(scene: Scene, standing: Standing) -> None:
    found = senses(scene, standing(10_000.0, 1_500.0, sound_db=180.0))
    assert set(found) == {EYES, EARS_BY_DAY, EARS_BY_NIGHT}
    assert found[EYES][[0, NIGHT, MURK]].tolist() == pytest.approx([1 / 60, 0.1 / 60, 0.3 / 60])
    assert found[EARS_BY_DAY][[0, NIGHT]].tolist() == pytest.approx([1 / 60, 0.0])
    assert found[EARS_BY_NIGHT][[0, NIGHT]].tolist() == pytest.approx([0.0, 1 / 60])


def test_a_gun_far_off_is_only_heard_and_at_night_from_farther(scene: Scene, standing: Standing) -> None:
    day_m, night_m = (float(carries_m(180.0, level_db)) for level_db in (100.0, 96.0))
    beyond_m = 2_000.0 - (day_m + night_m) / 2
    assert set(senses(scene, standing(10_000.0, 0.0, sound_db=180.0))) == {EARS_BY_DAY, EARS_BY_NIGHT}
    assert set(senses(scene, standing(10_000.0, beyond_m, sound_db=180.0))) == {EARS_BY_NIGHT}
    assert not senses(scene, standing(10_000.0, 2_000.0 - night_m - 100.0, sound_db=180.0))


def test_a_quiet_gun_is_not_heard(scene: Scene, standing: Standing) -> None:
    assert set(senses(scene, standing(10_000.0, 1_500.0))) == {EYES}


def test_what_is_heard_tells_less_than_what_is_seen(scene: Scene, standing: Standing) -> None:
    sight = patrol().sight(standing(10_000.0, 1_500.0, sound_db=180.0), scene)
    here = sight.track == 0
    assert sight.p_attribute[here].tolist() == [0.7, 0.1, 0.1]


def test_sound_is_late_by_half_of_its_farthest_way(scene: Scene, standing: Standing) -> None:
    """A burst of 180 dB is heard to 7.2 km by day and to 10.0 km at night; sound needs 2.96 s a kilometre."""
    sight = patrol().sight(standing(10_000.0, 0.0, sound_db=180.0), scene)
    late_s = dict(zip(sight.senses[sight.track == 0].tolist(), sight.delay_s[sight.track == 0].tolist(), strict=True))
    assert late_s == pytest.approx({EARS_BY_DAY: 10.7, EARS_BY_NIGHT: 14.9}, abs=0.1)


def over(scene: Scene, ridge_m: float) -> Scene:
    """The scene with ground: a ridge of 200 m width along the line, half-way to the road that runs 2 km north of it."""
    (west_m, south_m), _ = scene.line.xy_m[[0, -1]]
    heights_m = np.zeros((101, 301))
    heights_m[40] = ridge_m
    relief = Relief.of_grid(heights_m, west_m - 1_000.0, south_m - 3_000.0, 100.0)
    return Scene(replace(scene.stage, relief=relief, memo={}), scene.sky)


def test_a_ridge_hides_what_stands_behind_it_and_does_not_deaden_guns(scene: Scene, standing: Standing) -> None:
    """A vehicle 0.5 km behind a ridge that is 1 km from the road; one in front of it shows, and so does one on it."""
    guns = standing([10_000.0] * 3, [1_300.0, 500.0, 1_000.0], sound_db=180.0)
    keen = patrol(see="2.5 km")

    def seen(ground: Scene) -> list[int]:
        sight = keen.sight(guns, ground)
        return sorted(sight.target[(sight.senses == EYES) & (sight.track == 0)].tolist())

    assert seen(scene) == seen(over(scene, 0.0)) == [0, 1, 2]
    assert seen(over(scene, 10.0)) == [0, 2]
    heard = keen.sight(guns, over(scene, 10.0))
    assert set(heard.target[heard.senses == EARS_BY_DAY].tolist()) == {0, 1, 2}


def test_teams_drive_by_day_where_they_are_let_through_and_listen_else(scene: Scene) -> None:
    plan = rehearse(patrol(p_access=0.7), scene, Dice(1, 0))
    by_day = [stint for stint in plan.stints if stint.on_s % DAY == 4 * HOUR]
    assert len(by_day) == 5 * 30
    assert all(stint.off_s - stint.on_s == 10 * HOUR for stint in by_day)
    assert np.mean([stint.speed_mps > 0.0 for stint in by_day]) == pytest.approx(0.7, abs=0.15)
    nights = [stint for stint in plan.stints if stint.on_s % DAY != 4 * HOUR]
    assert nights
    assert all(stint.speed_mps == 0.0 for stint in nights)


def test_watch_is_kept_round_the_clock_without_a_gap(scene: Scene) -> None:
    stints = sorted(rehearse(patrol(), scene, Dice(1, 0)).stints, key=by_unit)
    for before, after in pairwise(stints):
        assert before.off_s == after.on_s if before.unit == after.unit else after.on_s == 0.0


def test_nobody_listens_at_night_who_does_not(scene: Scene) -> None:
    plan = rehearse(patrol(listens_at_night=False), scene, Dice(1, 0))
    assert {stint.on_s % DAY for stint in plan.stints} == {4 * HOUR}


def test_a_stretch_shorter_than_a_team_s_has_a_team_and_one_beyond_the_line_has_none(scene: Scene, standing: Standing) -> None:
    gun = standing(93_000.0, 1_500.0)
    short = patrol(**{"from": "90 km", "to": "95 km"})
    assert list(short.units(scene.stage)) == [0]
    beyond = patrol(**{"from": "110 km", "to": "200 km"})
    assert not len(beyond.units(scene.stage))
    assert not len(beyond.sight(gun, scene))
    assert len(patrol(**{"from": "60 km", "to": "200 km"}).units(scene.stage)) == 2
