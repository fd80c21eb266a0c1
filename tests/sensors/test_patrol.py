"""Teams on the ground: what they hear and see, when they drive, and where they may not."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.kinds import Floats
from sim.ops import by_unit, rehearse
from sim.scene import Scene, Targets
from sim.sensors.patrol import EARS_BY_DAY, EARS_BY_NIGHT, EYES, Patrol, hearing_m
from sim.sky import MURK, NIGHT
from sim.units import DAY, HOUR, KM

Standing = Callable[..., Targets]


def patrol(**written: Any) -> Patrol:
    given = {"kind": "patrol", "name": "it", "from": "0 km", "to": "100 km", "every": "20 km", "stand_off": "2 km"}
    one = Patrol.choose(given | written)
    assert isinstance(one, Patrol)
    return one


@pytest.mark.parametrize("source_db", [110.0, 150.0, 180.0, 200.0])
def test_a_sound_has_fallen_to_the_level_at_the_distance_of_hearing(source_db: float) -> None:
    (distance_m,) = hearing_m(np.array([source_db]), 100.0)
    assert source_db - 20 * np.log10(distance_m) - 0.4 * distance_m / KM == pytest.approx(100.0, abs=1e-6)


def test_a_burst_is_heard_to_several_kilometres_and_a_whisper_not_at_all() -> None:
    assert 5_000 < hearing_m(np.array([180.0]), 100.0)[0] < 10_000
    assert hearing_m(np.array([99.0, np.nan]), 100.0).tolist() == [0.0, 0.0]


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
    day_m, night_m = (float(hearing_m(np.array([180.0]), level)[0]) for level in (100.0, 96.0))
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
