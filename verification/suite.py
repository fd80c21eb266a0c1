"""Sensor by sensor: share of time on watch, posts that hear, scans that hit, ellipses that scatter, images that need an earlier one.

Run alone with `python -m verification.suite`.
"""

import sys
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from sim.engine.run import throws_of
from sim.kinds import Bools, Floats
from sim.law import scans_to_track
from sim.ops import rehearse
from sim.physics.acoustics import SHOT_DB, half_heard_m, p_heard, position_spread_m, sound_mps
from sim.physics.radar import p_heading, p_track
from sim.scene import Targets
from sim.sensors.acoustic_array import AcousticArray
from sim.sensors.base import Sensor
from sim.sensors.ground_radar import GroundRadar
from sim.units import DAY, HOUR, KM
from sim.watch import Contacts, Sight, Stint, hits, windows
from sim.world import World
from verification.board import Row, publish
from verification.formulas import KNOT
from verification.ground import BEFORE_THE_END_S, ERRORS, close, standing, told


def rows() -> Iterator[Row]:
    """Check each sensor in turn."""
    yield from availability()
    yield aloft()
    yield from posts()
    yield fixes()
    yield from scans()
    yield from tracks()
    yield from changes()


# Time on watch


def shares(world: World, sensor: Sensor) -> Floats:
    """Return the share of the run that each unit is on watch. Shape (U,)."""
    watched_s = dict.fromkeys(sensor.units(world.stage), 0.0)
    for stint in rehearse(sensor, world.scene, world.dice).stints:
        watched_s[stint.unit] += min(stint.off_s, world.scene.horizon_s) - max(stint.on_s, 0.0)
    return np.array(list(watched_s.values())) / world.scene.horizon_s


def availability() -> Iterator[Row]:
    """Compare the share of time on watch of what breaks and is repaired with the share that is written."""
    row = {"from": "0 km", "to": "1200 km", "every": "3 km"}
    for number, (kind, share, repair) in enumerate(
        (("camera_tower", 0.85, "17.7 h"), ("ground_radar", 0.9, "1 d"), ("acoustic_array", 0.97, "1 d")), 1
    ):
        world = told({"eye": {"kind": kind, "availability": share, "repair": repair} | row}, 1200.0, length="120 days")
        yield close(f"AV{number}", f"share of time on watch of {kind}", shares(world, world.scenario.sensors["eye"]), share)


def aloft() -> Row:
    """Compare balloons with the share of time in which both weather and equipment allow, less the time to go up after each break."""
    down, works, repair_h, rise_h, spell_h = 0.3, 0.95, 24.0, 3.0, 17.3
    eye = {
        "kind": "aerostat", "from": "0 km", "to": "1200 km", "every": "100 km", "grounded": [down] * 12, "wind": "200 m/s",
        "in_icing": True, "rise": f"{rise_h} h", "availability": works, "repair": f"{repair_h} h",
    }  # fmt: skip
    never = [0.0] * 12
    weather = {"cloud": never, "murk": never, "icing": never, "spell": f"{spell_h} h", "region": "100 km"}
    each = []
    for number in range(15):
        world = told({"eye": eye}, 1200.0, number, length="300 days", environment={"weather": weather})
        each.append(shares(world, world.scenario.sensors["eye"]))
    breaks_per_h = down / spell_h + (1.0 - works) / works / repair_h
    expected = (1.0 - down) * works * np.exp(-rise_h * breaks_per_h)
    return close("AV4", "share of time on watch of aerostat, between weather, repair and going up", np.concatenate(each), float(expected))


# Sound


def heard(world: World, sensor: Sensor, targets: Targets) -> tuple[Sight, Contacts]:
    """Return what a unit that watches all the time finds."""
    sight = sensor.sight(targets, world.scene)
    seen = windows(sight, [Stint(0, 0, 0.0, BEFORE_THE_END_S)], targets)
    return sight, hits(sight, seen, targets, throws_of(sensor, world), BEFORE_THE_END_S)


def posts() -> Iterator[Row]:
    """Compare shots that are placed with the sum over all sets of posts that hear, and their places with the ellipse."""
    world = told({"eye": {"kind": "acoustic_array", "at": {"here": "50 km"}}})
    sensor = world.scenario.sensors["eye"]
    assert isinstance(sensor, AcousticArray)
    dice, number = np.random.default_rng(41), 20_000
    start_s = dice.uniform(0.0, 29 * DAY, number)
    places = dice.uniform(40e3, 60e3, number), dice.uniform(-9e3, -1e3, number)
    shots = standing(world.scene, *places, size_m=np.nan, start_s=start_s, end_s=start_s + 60.0, sound_db=SHOT_DB["mortar"])
    sight, found = heard(world, sensor, shots)
    post_m = sensor.posts_m(50e3, world.scene.line)
    range_m = np.hypot(shots.x_m[:, None] - post_m[:, 0], shots.y_m[:, None] - post_m[:, 1])
    half_m = half_heard_m(shots.sound_db, world.scene.sky.carries(shots.chainage_m, shots.start_s))
    chance = sensor.post_availability * p_heard(range_m, half_m[:, None]) * (range_m <= 1.6 * half_m[:, None])
    expected = sum(
        np.prod(np.where(hears, chance, 1.0 - chance), axis=1)
        for hears in product((False, True), repeat=len(post_m)) if sum(hears) >= sensor.needed
    )  # fmt: skip
    yield shares_agree(
        "AC1", "share of mortar shots that three of six posts hear, all sets counted", len(found.target), np.asarray(expected)
    )
    yield from scatter("AC2", "sound", sight, found)


def shares_agree(name: str, what: str, number: int, chance: Floats) -> Row:
    """Compare a number of finds with the sum of their chances (N,)."""
    error = float(np.sqrt((chance * (1.0 - chance)).sum()) / len(chance))
    share, expected = number / len(chance), float(chance.mean())
    held = abs(share - expected) <= ERRORS * error
    return Row(name, what, f"{share:.4f} ± {error:.4f}", f"{expected:.4f} within {ERRORS} standard errors", held)


def scatter(name: str, what: str, sight: Sight, found: Contacts) -> Iterator[Row]:
    """Compare the errors of reported places with the ellipses: mean square in their own units, and share within one standard error."""
    row_of = np.zeros(int(sight.target.max()) + 1, dtype=np.int64)
    row_of[sight.target] = np.arange(len(sight))
    spread_m, error_m = sight.spreads_m[row_of[found.target]], np.stack([found.east_m, found.north_m], axis=1)
    covariance = spread_m @ spread_m.transpose(0, 2, 1)
    square = np.einsum("ni,ni->n", error_m, np.linalg.solve(covariance, error_m[:, :, None])[:, :, 0])
    yield close(f"{name}a", f"places told by {what}: squared error in units of the ellipse", square, 2.0)
    yield close(
        f"{name}b",
        f"places told by {what}: share within the ellipse of one standard error",
        (square <= 1.0).astype(np.float64),
        1.0 - np.exp(-0.5),
    )


def fixes() -> Row:
    """Fix shots from thrown times of arrival by least squares, and compare the scatter with the ellipse, along its axes."""
    post_m = np.array([[-5e3, 2e3], [-3e3, 3e3], [-1e3, 2e3], [1e3, 3e3], [3e3, 2e3], [5e3, 3e3]])
    shot_m, speed_mps, error_s = np.array([2e3, -4e3]), float(sound_mps(10.0)), 0.01
    dice, number = np.random.default_rng(43), 4_000
    arrive_s = np.hypot(*(post_m - shot_m).T) / speed_mps + dice.normal(0.0, error_s, (number, len(post_m)))
    guess = np.tile([*shot_m, 0.0], (number, 1))
    for _ in range(6):
        away_m = guess[:, None, :2] - post_m
        far_m = np.hypot(away_m[..., 0], away_m[..., 1])
        slope = np.concatenate([away_m / far_m[..., None] / speed_mps, np.ones((number, len(post_m), 1))], axis=2)
        late_s = arrive_s - far_m / speed_mps - guess[:, 2:]
        square = slope.transpose(0, 2, 1) @ slope
        guess += np.linalg.solve(square, slope.transpose(0, 2, 1) @ late_s[..., None])[..., 0]
    spread_m = position_spread_m(shot_m[None], post_m, np.ones((1, len(post_m)), dtype=bool), error_s, floor=0.0)[0]
    units = np.linalg.solve(spread_m, (guess[:, :2] - shot_m).T)
    return close(
        "AC3", "shots fixed from times of arrival by least squares: squared error in units of the ellipse", (units**2).sum(axis=0), 2.0
    )


# Radar


def scans() -> Iterator[Row]:
    """Throw headings and hits one by one."""
    dice = np.random.default_rng(47)
    least_mps, speed_mps = 6 * KNOT, 30 * KM / HOUR
    radial_mps = speed_mps * np.abs(np.cos(dice.uniform(0.0, 2.0 * np.pi, 200_000)))
    yield close(
        "GM1",
        "share of headings at 30 km/h that a GMTI radar sees, thrown",
        (radial_mps > least_mps).astype(np.float64),
        float(p_heading(least_mps, speed_mps)),
    )
    for number, (p_scan, many) in enumerate(((0.3, 10), (0.6, 20)), 2):
        tracked = followed(dice.uniform(size=(100_000, many)) < p_scan)
        yield close(
            f"GM{number}",
            f"tracks of 3 hits in 5 scans within {many} scans of {p_scan:g}, thrown",
            tracked.astype(np.float64),
            float(p_track(p_scan, many)),
        )
    thrown = scans_needed(dice, 0.3)
    yield close(
        "GM8",
        "scans of 0.3 until 3 hits in 5, thrown: what a radar on board waits for",
        thrown,
        float(scans_to_track(np.array([0.3]), 3, 5)[0]),
    )


def scans_needed(dice: np.random.Generator, p_scan: float, many: int = 400) -> Floats:
    """Return in which scan a track of 3 hits in 5 scans is there, thrown. Shape (N,)."""
    hit = dice.uniform(size=(10_000, many)) < p_scan
    hit = np.concatenate([np.zeros((len(hit), 4), dtype=bool), hit], axis=1)
    return np.asarray((np.lib.stride_tricks.sliding_window_view(hit, 5, axis=1).sum(axis=2) >= 3).argmax(axis=1) + 1.0)


def followed(hit: Bools) -> Bools:
    """Return whether some five scans in turn hold three hits. Shape (N,)."""
    return np.asarray((np.lib.stride_tricks.sliding_window_view(hit, 5, axis=1).sum(axis=2) >= 3).any(axis=1))


def tracks() -> Iterator[Row]:
    """Let a ground radar follow people for so many scans, and compare with the chain of hits; places scatter as its ellipse says."""
    world = told({"eye": {"kind": "ground_radar", "at": {"here": "50 km"}, "scan": "10 s", "offset": "0 km"}})
    sensor = world.scenario.sensors["eye"]
    assert isinstance(sensor, GroundRadar)
    dice, number = np.random.default_rng(53), 20_000
    for name, many, slack in (("GM4", 5, 0.0), ("GM5", 10, 0.0), ("GM6", 40, 0.02)):
        start_s, turn, far_m = dice.uniform(0.0, DAY, number), dice.uniform(0.0, 2.0 * np.pi, number), dice.uniform(1e3, 13e3, number)
        places = 50e3 + far_m * np.cos(turn), far_m * np.sin(turn)
        moving: dict[str, Any] = {"speed_mps": 1.5, "rcs_m2": 0.5, "size_m": 1.7}
        people = standing(world.scene, *places, start_s=start_s, end_s=start_s + many * sensor.scan_s, **moving)
        masts_m = sensor.tracks(world.scene)[0].xy_m[0]
        chance = p_track(sensor.p_hit(people, people.distance_m(*masts_m.tolist()), sensor.mast_m), many)
        sight, found = heard(world, sensor, people)
        row = shares_agree(name, f"people that a ground radar tracks within {many} scans, 1 to 13 km off", len(found.target), chance)
        if slack:
            near = abs(len(found.target) / number - float(chance.mean())) <= slack
            row = row._replace(bar=f"{chance.mean():.4f} ± {slack:g}, as its model says", held=near)
        yield row
    yield from scatter("GM7", "a ground radar", sight, found)


# Images


def changes() -> Iterator[Row]:
    """Let imaging radars look at traces and at vehicles: a trace is found by comparison with an earlier image, a vehicle at once."""
    eye = {
        "kind": "satellite_constellation", "p_tasked": 1.0, "depth": "15 km",
        "instrument": {"instrument": "radar", "resolution": "1 m", "swath": "15 km"},
        "orbit": {"pattern": "walker", "altitude": "550 km", "inclination": "10 deg", "planes": 2, "per_plane": 2},
    }  # fmt: skip
    world = told({"eye": eye}, length="6 days")
    sensor = world.scenario.sensors["eye"]
    number, dice = 400, np.random.default_rng(59)
    targets = standing(world.scene, dice.uniform(5e3, 95e3, number), dice.uniform(-14e3, 14e3, number), rcs_m2=10.0)
    trace = np.arange(number) % 2 == 0
    targets.size_m[trace], targets.rcs_m2[trace], targets.trace_m[trace] = np.nan, np.nan, 30.0
    stints = rehearse(sensor, world.scene, world.dice).stints
    place = [track.xy_m[0].tolist() for track in sensor.tracks(world.scene)]
    sight = sensor.sight(targets, world.scene)
    found = hits(sight, windows(sight, stints, targets), targets, throws_of(sensor, world), BEFORE_THE_END_S)
    where = {target: place[track] for target, track in zip(sight.target.tolist(), sight.track.tolist(), strict=True)}
    rows = zip(found.target.tolist(), found.seen_s.tolist(), strict=True)
    looks = np.array([sum(place[stint.track] == where[target] and stint.on_s <= seen_s for stint in stints) for target, seen_s in rows])
    of_trace = trace[found.target]
    early, enough = int((looks[of_trace] < 2).sum()), of_trace.sum() > 50
    what = f"finds of traces, of {of_trace.sum()}, that an imaging radar makes without an earlier image of the place"
    yield Row("SC1", what, str(early), "0", early == 0 and bool(enough))
    at_once = int((looks[~of_trace] == 1).sum())
    yield Row("SC2", f"finds of vehicles, of {(~of_trace).sum()}, that it makes in the first image", str(at_once), "some", at_once > 0)


if __name__ == "__main__":
    sys.exit(0 if publish("suite", "Sensor by sensor", rows()) else 1)
