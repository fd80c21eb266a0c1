"""Satellites: frames, tiles, cloud, capacity and requests."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from simpy import Environment

from sim.clock import up
from sim.dice import Dice
from sim.live import Steps, follow, until
from sim.ops import Cue, Ops, rehearse
from sim.scene import Scene, Stage, Targets
from sim.sensors.satellite_constellation import BANDS, SatelliteConstellation
from sim.sky import Environment as Air
from sim.sky import Weather, draw_sky
from sim.units import DAY, HOUR
from sim.watch import Stint

Standing = Callable[..., Targets]

OPTICAL = {"instrument": "optical", "gsd": "0.3 m", "swath": "15 km", "off_nadir": "40 deg"}
RADAR = {"instrument": "radar", "resolution": "1 m", "swath": "15 km"}


def constellation(**written: Any) -> SatelliteConstellation:
    given: dict[str, Any] = {
        "kind": "satellite_constellation", "name": "it", "p_tasked": 1.0, "instrument": OPTICAL, "depth": "15 km", "scenes": 1000,
        "orbit": {"pattern": "walker", "altitude": "550 km", "inclination": "10 deg", "planes": 2, "per_plane": 2},
    }  # fmt: skip
    one = SatelliteConstellation.choose(given | written)
    assert isinstance(one, SatelliteConstellation)
    return one


@pytest.fixture
def four_days(stage: Stage) -> Stage:
    return replace(stage, length_s=4 * DAY, horizon_s=4 * DAY, memo={})


def under(stage: Stage, cloud: float = 0.0, spell: float = 1.0, replication: int = 0) -> Scene:
    """The line under cloud for a share of the time, in spells of some days."""
    weather = Weather(cloud=(cloud,) * 12, murk=(0.0,) * 12, spell_s=spell * DAY, region_m=200_000.0)
    return Scene(stage, draw_sky(Air(weather=weather), stage.line, stage.start, stage.horizon_s, [], Dice(1, replication)))


def frames(one: SatelliteConstellation, scene: Scene, replication: int = 0) -> list[Stint]:
    return rehearse(one, scene, Dice(1, replication)).stints


def test_under_a_clear_sky_every_look_is_a_frame_of_a_second(four_days: Stage) -> None:
    one, scene = constellation(), under(four_days)
    taken = frames(one, scene)
    assert len(taken) > 100
    assert {stint.off_s - stint.on_s for stint in taken} == {1.0}
    looks = one.looks(four_days)
    offered = up(looks.at_s[looks.at_s < 4 * DAY]).tolist()
    assert len(taken) > 0.9 * len(offered)  # of the others the best instant is long over when their turn comes
    for unit in {stint.unit for stint in taken}:
        starts = sorted(stint.on_s for stint in taken if stint.unit == unit)
        assert np.diff(starts).min() >= 1.0


def test_a_frame_sees_only_its_tile(four_days: Stage, standing: Standing) -> None:
    one, scene = constellation(), under(four_days)
    tiles = one.tiles(four_days)
    targets = standing(np.arange(1000.0, 100_000.0, 7_000.0), 3_000.0)
    sight = one.sight(targets, scene)
    tile = tiles.of(targets.chainage_m, targets.offset_m)
    assert (sight.track // BANDS == tile[sight.target]).all()
    assert sorted(set(sight.target.tolist())) == list(range(len(targets)))
    assert not len(one.sight(standing(50_000.0, [16_000.0]), scene))


def test_sharper_pictures_show_more_and_oblique_ones_less(four_days: Stage, standing: Standing) -> None:
    scene, targets = under(four_days), standing(50_000.0)
    rates = constellation().sight(targets, scene).rate_per_s[:, 0]
    assert (np.diff(rates) < 0.0).all()
    coarse = constellation(instrument=OPTICAL | {"gsd": "1.5 m"}).sight(targets, scene).rate_per_s[:, 0]
    assert (coarse < rates[: len(coarse)]).all()


def test_concealed_guns_are_hidden_from_optics_and_moving_ones_from_radar(four_days: Stage, standing: Standing) -> None:
    scene = under(four_days)
    hidden, moving = standing(50_000.0, hidden=True, rcs_m2=10.0), standing(50_000.0, rcs_m2=10.0, speed_mps=5.0)
    optical, radar = constellation(), constellation(instrument=RADAR)
    assert [len(eye.sight(targets, scene)) > 0 for eye in (optical, radar) for targets in (hidden, moving)] == [False, True, True, False]


@pytest.mark.parametrize("replication", range(3))
def test_ten_passes_under_one_overcast_are_one_chance(four_days: Stage, replication: int) -> None:
    """One spell for the whole run: of all looks at a place those go through that look down more steeply than its gaps are narrow."""
    one = constellation()
    looks = one.looks(four_days)
    taken = {
        (stint.unit, stint.track // BANDS, int(stint.on_s // HOUR))
        for stint in frames(one, under(four_days, 0.5, 3000.0, replication), replication)
    }
    hours = (looks.at_s // HOUR).astype(int)
    through = [key in taken for key in zip(looks.satellite.tolist(), looks.tile.tolist(), hours.tolist(), strict=True)]
    for tile in np.unique(looks.tile):
        here = np.flatnonzero(looks.tile == tile)
        by_height = here[np.argsort(looks.elevation_deg[here])]
        assert len(here) > 10
        assert sorted(np.array(through)[by_height]) == list(np.array(through)[by_height])


def test_radar_does_not_mind_cloud(four_days: Stage) -> None:
    one = constellation(instrument=RADAR)
    assert frames(one, under(four_days)) == frames(one, under(four_days, 1.0)) != []


def test_optics_see_nothing_under_constant_cloud(four_days: Stage) -> None:
    assert not frames(constellation(), under(four_days, 1.0))


def test_what_others_ask_for_takes_its_share(four_days: Stage) -> None:
    scene = under(four_days)
    whole, some = frames(constellation(), scene), frames(constellation(p_tasked=0.3), scene)
    scenes = [{(stint.unit, stint.track, int(stint.on_s // HOUR)) for stint in stints} for stints in (some, whole)]
    assert scenes[0] < scenes[1]
    assert len(some) / len(whole) == pytest.approx(0.3, abs=0.1)


def passes(stints: list[Stint]) -> dict[tuple[int, int], list[Stint]]:
    """Frames by satellite and hour: a pass takes minutes, the next one comes after an hour and a half."""
    found: dict[tuple[int, int], list[Stint]] = {}
    for stint in sorted(stints, key=lambda one: (one.unit, one.on_s)):
        number = [key[1] for key in found if key[0] == stint.unit]
        last = found[stint.unit, max(number)][-1].on_s if number else -HOUR
        found.setdefault((stint.unit, max(number, default=0) + (stint.on_s - last > 600.0)), []).append(stint)
    return found


def test_a_pass_yields_no_more_scenes_than_fit(four_days: Stage) -> None:
    taken = passes(frames(constellation(scenes=3), under(four_days)))
    assert max(map(len, taken.values())) == 3
    assert len(taken) > 10


def test_the_ground_unseen_for_longest_comes_next(four_days: Stage) -> None:
    one = constellation(scenes=3)
    counts = np.bincount([stint.track // BANDS for stint in frames(one, under(four_days))], minlength=one.tiles(four_days).along)
    assert counts.max() - counts.min() <= 0.5 * counts.mean() + 2


def crews(one: SatelliteConstellation, scene: Scene, cue: Cue) -> list[Stint]:
    """Let the crews live, and ask them to look at a place at an instant."""
    env, stints = Environment(), list[Stint]()
    ops = Ops(env, scene, Dice(1, 0), one.tracks(scene), stints.append, lambda unit, new: None, lambda unit, t_s: None)
    for unit in one.units(scene.stage):
        follow(one.operate(unit, ops))

    def ask() -> Steps:
        yield until(env, cue.t_s)
        assert one.heed(cue, ops) is None  # nobody is promised a look

    follow(ask())
    env.run(until=scene.horizon_s)
    return stints


@pytest.mark.parametrize("chainage_m", [10_000.0, 50_000.0, 90_000.0])
def test_a_request_is_served_by_the_first_pass_that_can_still_be_told(four_days: Stage, chainage_m: float) -> None:
    one, scene = constellation(scenes=1, lead="2 h"), under(four_days)
    cue = Cue(1 * DAY, 0.0, 0.0, chainage_m, 1_000.0, "desk", "masts", 0)
    looks, tile = one.looks(four_days), int(one.tiles(four_days).of(np.array([chainage_m]), np.array([1_000.0]))[0])
    mine = np.sort(looks.at_s[looks.tile == tile])
    begins_s = {float(up(at_s)): min(looks.at_s[(np.abs(looks.at_s - at_s) < 600.0)]) for at_s in mine}
    first = min(at_s for at_s, begin_s in begins_s.items() if begin_s - 2 * HOUR > 1 * DAY)
    served = [stint.on_s for stint in crews(one, scene, cue) if stint.track // BANDS == tile and stint.on_s >= 1 * DAY]
    assert first in served


def test_looks_are_kept_on_disk_and_read_again(four_days: Stage, tmp_path: Path) -> None:
    one = constellation()
    first = one.looks(replace(four_days, cache=tmp_path, memo={}))
    (file,) = tmp_path.iterdir()
    again = one.looks(replace(four_days, cache=tmp_path, memo={}))
    assert [left.tolist() for left in first] == [right.tolist() for right in again]
    assert file.suffix == ".npz"


def test_an_orbit_in_the_air_is_pointed_out(four_days: Stage) -> None:
    low = {"pattern": "walker", "altitude": "100 km", "inclination": "10 deg", "planes": 1, "per_plane": 1}
    assert "no satellite stays up" in constellation(orbit=low).concerns(four_days)[0]
