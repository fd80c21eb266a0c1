"""Satellites: frames, tiles, cloud, capacity and requests."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from simpy import Environment

from sim.clock import up, up_plain
from sim.dice import Dice
from sim.errors import TrucelineError
from sim.imagery import BANDS, Radar
from sim.live import Steps, follow, until
from sim.ops import Cue, Ops, rehearse
from sim.orbits import until_contact
from sim.scene import Scene, Stage, Targets
from sim.sensors.satellite_constellation import LATEST_S, Looks, Pass, SatelliteConstellation
from sim.sky import Environment as Air
from sim.sky import draw_sky
from sim.tiles import Ledger
from sim.units import DAY, HOUR
from sim.watch import Stint
from sim.weather import Weather

Standing = Callable[..., Targets]

OPTICAL = {"instrument": "optical", "gsd": "0.3 m", "swath": "15 km", "off_nadir": "40 deg"}
RADAR = {"instrument": "radar", "resolution": "1 m", "swath": "15 km"}


def constellation(**written: Any) -> SatelliteConstellation:
    given: dict[str, Any] = {
        "kind": "satellite_constellation", "name": "it", "p_tasked": 1.0, "instrument": OPTICAL, "depth": "15 km", "scenes": 1000,
        "scene": "1 s", "slew": "0 s",
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


def crews(one: SatelliteConstellation, scene: Scene, *cues: Cue) -> list[Stint]:
    """Let the crews live, and ask them to look at places at instants."""
    env, stints = Environment(), list[Stint]()
    ops = Ops(env, scene, Dice(1, 0), one.tracks(scene), stints.append, lambda unit, new: None, lambda unit, t_s: None)
    for unit in one.units(scene.stage):
        follow(one.operate(unit, ops))

    def ask() -> Steps:
        for cue in cues:
            yield until(env, cue.t_s)
            assert one.heed(cue, ops) is None  # nobody is promised a look

    follow(ask())
    env.run(until=scene.horizon_s)
    return stints


@pytest.mark.parametrize("chainage_m", [10_000.0, 50_000.0, 90_000.0])
def test_a_request_is_served_by_the_first_pass_that_can_still_be_told(four_days: Stage, chainage_m: float) -> None:
    one, scene = constellation(scenes=1, lead="2 h", cued_by=["desk"]), under(four_days)
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


def test_a_damaged_table_on_disk_is_computed_again(four_days: Stage, tmp_path: Path) -> None:
    one = constellation()
    first = one.looks(replace(four_days, cache=tmp_path, memo={}))
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:1000])
    again = one.looks(replace(four_days, cache=tmp_path, memo={}))
    assert [left.tolist() for left in first] == [right.tolist() for right in again]


def test_an_orbit_in_the_air_is_pointed_out(four_days: Stage) -> None:
    low = {"pattern": "walker", "altitude": "100 km", "inclination": "10 deg", "planes": 1, "per_plane": 1}
    assert "no satellite stays up" in constellation(orbit=low).concerns(four_days)[0]


ISS = """\
1 25544U 98067A   08264.51782528 -.00002182  00000-0 -11606-4 0  2927
2 25544  51.6416 247.4627 0006703 130.5360 325.0288 15.72125391563537
"""


def test_elements_of_another_time_are_pointed_out(four_days: Stage, tmp_path: Path) -> None:
    """The elements are of 20 September 2008, the run is of March 2026."""
    (tmp_path / "old.tle").write_text(ISS, encoding="utf-8")
    old = constellation(orbit={"pattern": "file", "file": "old.tle"})
    assert "days from the start" in old.concerns(replace(four_days, folder=tmp_path, memo={}))[0]
    with pytest.raises(TrucelineError, match="cannot be read"):
        old.concerns(four_days)


def test_an_orbit_that_decays_within_the_run_is_a_mistake_of_the_file(four_days: Stage, tmp_path: Path) -> None:
    lines = [line[:53] + " 90000-1 0  2925" if line[0] == "1" else line for line in ISS.splitlines()]
    total = sum(int(letter) if letter.isdigit() else letter == "-" for letter in lines[0][:68])
    (tmp_path / "old.tle").write_text("\n".join([f"{lines[0][:68]}{total % 10}", lines[1]]), encoding="utf-8")
    old = constellation(orbit={"pattern": "file", "file": "old.tle"})
    with pytest.raises(TrucelineError, match="use elements of about its start"):
        old.looks(replace(four_days, folder=tmp_path, memo={}))


# Capacity


def looks_at(tile: list[int], at_s: list[float]) -> Looks:
    """Looks of one satellite, as far as the order of its scenes needs them."""
    at, none = np.array(at_s), np.zeros(len(tile))
    return Looks(np.zeros(len(tile), np.int64), np.array(tile), at, at + LATEST_S, none, none, np.ones(len(tile), np.int64))


def test_between_scenes_a_satellite_turns_by_the_root_of_the_way(four_days: Stage) -> None:
    """Tiles of 15 km in two rows, 0 and 2 side by side: 11 s x sqrt(15 / 200) = 3.01 s, after the 2 s that the first scene takes."""
    one = constellation(slew="11 s")
    tiles = one.tiles(four_days)
    assert tiles.across == 2
    taken = one.shot(np.arange(2), looks_at([0, 2], [100.0, 100.5]), tiles, 2.0)
    assert taken == [(0, 100.0), (1, pytest.approx(105.01, abs=0.01))]


def test_a_scene_that_the_turn_makes_too_late_is_left_out(four_days: Stage) -> None:
    one = constellation(slew="33 s")
    taken = one.shot(np.arange(3), looks_at([0, 12, 1], [100.0, 101.0, 140.0]), one.tiles(four_days), 2.0)
    assert [row for row, _ in taken] == [0, 2]  # 90 km take 22 s, and 20 s are all that a scene can wait


def test_without_a_word_a_scene_takes_as_long_as_it_takes_to_fly_over_it(four_days: Stage) -> None:
    """At 550 km the point below moves 6.99 km/s; 15 km take 2.15 s."""
    assert constellation(scene=None).taking_s(four_days) == pytest.approx(2.15, abs=0.01)


def test_a_strip_is_as_many_scenes_as_fit_into_it(four_days: Stage) -> None:
    strips, scenes = constellation(scenes=None, strip="50 km"), constellation(scenes=3)
    assert frames(strips, under(four_days)) == frames(scenes, under(four_days)) != []


def test_a_capacity_is_given_once() -> None:
    with pytest.raises(ValidationError, match="keep one"):
        constellation(scenes=3, strip="50 km")


@pytest.mark.parametrize("instrument", [OPTICAL | {"swath": "290 km"}, RADAR | {"swath": "250 km", "side": "right", "look_min": "26 deg"}])
def test_who_maps_takes_all_that_it_passes_and_asks_nobody(four_days: Stage, instrument: dict[str, str]) -> None:
    one = constellation(instrument=instrument, scenes=None, p_tasked=0.0, depth="30 km")
    looks, taken = one.looks(four_days), frames(one, under(four_days))
    assert len(looks.at_s) == len(taken) > 20
    if isinstance(one.instrument, Radar):
        assert set(looks.side.tolist()) == {-1}
        assert looks.off_nadir_deg.min() >= 26.0


@pytest.mark.parametrize(("share", "most"), [(0.0, 0), (0.5, 2), (1.0, 4)])
def test_requests_take_no_more_than_their_share_of_a_pass(four_days: Stage, share: float, most: int) -> None:
    """Six tiles are asked for, which have been taken last of all: the planner takes as many as their share of four scenes allows."""
    one = constellation(scenes=4, for_cues=share)
    tiles, asked = one.tiles(four_days), range(0, 12, 2)
    cues = [Cue(50.0, 0.0, 0.0, float(tiles.chainage_m[tile]), -1_000.0, "desk", "masts", 0) for tile in asked]
    ops = Ops(Environment(), under(four_days), Dice(1, 0), (), lambda stint: None, lambda unit, new: None, lambda unit, t_s: None)
    ops.requests[:] = cues
    ledger = Ledger(np.where(np.isin(np.arange(14), asked), 40.0, np.arange(14.0)), np.zeros(0, dtype=bool))
    rows = one.chosen(Pass(0.0, 0, slice(100, 114)), np.concatenate([np.zeros(100, np.int64), np.arange(14)]), tiles, ledger, ops)
    assert len(rows) == 4
    assert sum(row - 100 in asked for row in rows.tolist()) == most
    assert sorted(row - 100 for row in rows.tolist() if row - 100 not in asked) == [1, 3, 5, 7][: 4 - most]


# What is seen


def test_a_radar_finds_traces_only_where_it_can_compare(four_days: Stage, standing: Standing) -> None:
    one, scene = constellation(instrument=RADAR), under(four_days)
    trace = one.sight(standing(50_000.0, size_m=np.nan, trace_m=30.0), scene)
    vehicle = one.sight(standing(50_000.0, rcs_m2=10.0), scene)
    assert set((trace.track % 2).tolist()) == {1}  # again
    assert set((vehicle.track % 2).tolist()) == {0, 1}
    first, geometries = set[tuple[int, int]](), set[int]()
    timetable, looks = one.timetable(four_days), one.looks(four_days)
    when = {(unit, up_plain(at_s)): row for row, (unit, at_s) in enumerate(zip(looks.satellite.tolist(), looks.at_s.tolist(), strict=True))}
    for stint in sorted(frames(one, scene), key=lambda each: each.on_s):
        row = when.get((stint.unit, stint.on_s))
        if row is not None and stint.track % 2 == 0:
            assert timetable.geometry[row] not in geometries
            geometries.add(int(timetable.geometry[row]))
            first.add((stint.unit, stint.track))
    assert len(first) > 20


def test_nets_hide_half_from_a_radar_and_all_from_a_camera(four_days: Stage, standing: Standing) -> None:
    scene = under(four_days)
    bare, under_nets = (
        constellation(instrument=RADAR).sight(standing(50_000.0, rcs_m2=10.0, hidden=hidden), scene) for hidden in (False, True)
    )
    seen = [1.0 - np.exp(-sight.rate_per_s[:, 0]) for sight in (bare, under_nets)]
    assert seen[1] == pytest.approx(0.5 * seen[0])
    assert not len(constellation().sight(standing(50_000.0, hidden=True), scene))


def test_a_radar_is_best_between_20_and_45_degrees_of_incidence(four_days: Stage, standing: Standing) -> None:
    """Bands of 15 to 25 deg, 25 to 35, 35 to 45 at 550 km: their middles 20, 30, 40 have incidences of 21.8, 32.9, 44.3; all are full."""
    full = constellation(instrument=RADAR).sight(standing(50_000.0, rcs_m2=10.0), under(four_days))
    assert 1.0 - np.exp(-full.rate_per_s[:, 0]) == pytest.approx(0.7)  # 1 m resolution
    flat = constellation(instrument=RADAR | {"look_min": "45 deg", "look_max": "57 deg"})
    left = 1.0 - np.exp(-flat.sight(standing(50_000.0, rcs_m2=10.0), under(four_days)).rate_per_s[:, 0])
    assert (left < 0.7).all()
    assert (left > 0.0).all()


def test_a_known_sample_distance_is_taken_as_it_is(four_days: Stage, standing: Standing) -> None:
    known = constellation(instrument=OPTICAL | {"gsd_by_band": ["0.3 m", "0.3 m", "2 m"]})
    rates = known.sight(standing(50_000.0), under(four_days)).rate_per_s[:, 0]
    grown = constellation().sight(standing(50_000.0), under(four_days)).rate_per_s[:, 0]
    assert rates[1] > grown[1]
    assert rates[2] < grown[2]


@pytest.mark.parametrize(("niirs", "p"), [(4.5, 0.9), (5.0, 0.6), (6.5, 0.0)])
def test_what_an_analyst_needs_can_be_written(four_days: Stage, standing: Standing, niirs: float, p: float) -> None:
    """0.5 m at the nadir, 20 deg elevation and all: at 6.7 deg off nadir GIQE 5 gives 5.07; P = Phi((5.07 - needed) / 0.5)."""
    one = constellation(instrument=OPTICAL | {"gsd": "0.5 m", "needed": {"vehicle": niirs}})
    rate = one.sight(standing(50_000.0), under(four_days)).rate_per_s[0, 0]
    assert 1.0 - np.exp(-rate) == pytest.approx(p, abs=0.05)


# From the satellite to the ground


def test_an_image_waits_for_the_next_contact() -> None:
    begin_s, end_s = np.array([100.0, 150.0, 400.0]), np.array([200.0, 250.0, 500.0])
    assert until_contact(np.array([0.0, 220.0, 300.0, 600.0]), begin_s, end_s, 1000.0).tolist() == [100.0, 0.0, 100.0, 400.0]


def test_ground_stations_delay_what_is_seen(four_days: Stage, standing: Standing) -> None:
    """Over a station beside the line a satellite is heard from 5 deg up while it images: no wait. One far away costs most of an orbit."""
    x_m, y_m = four_days.line.at(np.array([50_000.0]), np.array([0.0]))
    with_bases = replace(four_days, bases={"here": (float(x_m[0]), float(y_m[0]))}, memo={})
    one = constellation(stations=["here"])
    sight = one.sight(standing(50_000.0), under(with_bases))
    assert sight.delay_s == pytest.approx(0.0)
    lon, lat = four_days.line.to_xy(np.array([-150.0]), np.array([0.0]))
    far = replace(four_days, bases={"far": (float(lon[0]), float(lat[0]))}, memo={})
    waits_s = np.unique(one.model_copy(update={"stations": ("far",)}).sight(standing(50_000.0), under(far)).delay_s)
    assert len(waits_s) > 1
    assert 0.4 * HOUR < waits_s.min() < waits_s.max() < 96 * HOUR


def test_a_station_is_one_of_the_bases(four_days: Stage) -> None:
    with pytest.raises(TrucelineError, match="unknown base 'nowhere'"):
        constellation(stations=["nowhere"]).tracks(under(four_days))


# The fast way against a plain one


def plain_frames(one: SatelliteConstellation, scene: Scene, dice: Dice) -> set[tuple[int, int, float]]:
    """Task pass by pass with loops and dictionaries: the stalest tiles that fit, one after the other, what is cloud is free again."""
    looks, tiles = one.looks(scene.stage), one.tiles(scene.stage)
    shuffle = dice("round", one.name).uniform(np.arange(len(tiles.x_m)))
    last = {tile: shuffle[tile] - 1.0 for tile in range(len(tiles.x_m))}
    passes: list[tuple[float, float, int, list[int], int]] = []
    number = dict[int, int]()
    for row, (unit, at_s) in enumerate(zip(looks.satellite.tolist(), looks.at_s.tolist(), strict=True)):
        if not passes or passes[-1][2] != unit or at_s - looks.at_s[passes[-1][3][-1]] > 600.0:
            number[unit] = number.get(unit, -1) + 1
            passes.append((max(0.0, up_plain(at_s - one.lead_s)), at_s, unit, [], number[unit]))
        passes[-1][3].append(row)
    posted, cloudy = set[tuple[int, int, float]](), list[tuple[float, int, float]]()
    imaged = set[tuple[int, int]]()
    for tell_s, _, unit, rows, which in sorted(passes):
        for at_s, tile, before_s in [scene for scene in cloudy if scene[0] <= tell_s]:
            last[tile] = before_s if last[tile] == at_s else last[tile]
        cloudy = [scene for scene in cloudy if scene[0] > tell_s]
        stalest = sorted(rows, key=lambda row: last[int(looks.tile[row])])[: one.capacity(tiles)]
        free_s, before = 0.0, -1
        for row in sorted(stalest):
            tile, at_s = int(looks.tile[row]), float(looks.at_s[row])
            if dice("tasked", one.name).uniform((unit * 1_000_000 + which) * 1_000_000 + tile) >= one.p_tasked:
                continue
            way_m = 0.0 if before < 0 else np.hypot(tiles.x_m[tile] - tiles.x_m[before], tiles.y_m[tile] - tiles.y_m[before])
            on_s = max(at_s, free_s + one.slew_s * np.sqrt(way_m / 200_000.0)) if before >= 0 else at_s
            if on_s > looks.latest_s[row]:
                continue
            free_s, before = on_s + one.taking_s(scene.stage), tile
            place = (np.array([value]) for value in (tiles.chainage_m[tile], tiles.offset_m[tile], at_s, looks.elevation_deg[row]))
            if isinstance(one.instrument, Radar) or scene.sky.clear(*place)[0]:
                geometry = int(one.timetable(scene.stage).geometry[row])
                track = int(one.timetable(scene.stage).track[row]) + ((geometry, 0) in imaged)
                imaged |= {(geometry, 0)} if isinstance(one.instrument, Radar) else set()
                posted.add((unit, track, up_plain(float(on_s))))
            else:
                cloudy.append((on_s, tile, last[tile]))
            last[tile] = on_s
    return posted


@pytest.mark.parametrize("instrument", [OPTICAL, RADAR])
def test_the_fast_way_chooses_as_the_plain_one(four_days: Stage, instrument: dict[str, str]) -> None:
    one = constellation(instrument=instrument, scenes=3, p_tasked=0.6, slew="11 s", depth="30 km")
    scene = under(four_days, cloud=0.5)
    fast = {(stint.unit, stint.track, stint.on_s) for stint in frames(one, scene)}
    assert len(fast) > 30
    assert fast == plain_frames(one, scene, Dice(1, 0))


def test_cloudy_scenes_planned_on_top_of_one_another_are_all_forgotten() -> None:
    """Two scenes of one tile are planned before either is known to be cloud: the tile is as stale as before both."""
    ledger = Ledger(np.array([7.0, 8.0]), np.zeros(0, dtype=bool))
    for at_s in (100.0, 200.0):
        ledger.spoiled.append((at_s, 0, float(ledger.last_s[0])))
        ledger.last_s[0] = at_s
    ledger.forget(150.0)
    assert ledger.last_s.tolist() == [200.0, 8.0]
    ledger.forget(250.0)
    assert ledger.last_s.tolist() == [7.0, 8.0]
    assert not ledger.spoiled
