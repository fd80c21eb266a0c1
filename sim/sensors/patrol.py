"""Observers on the ground: the troop-based alternative."""

from dataclasses import replace
from itertools import count
from math import ceil
from typing import Self

import numpy as np
from pydantic import model_validator

from sim.kinds import Floats
from sim.law import free_range_m, seen_as
from sim.live import Steps
from sim.model import Probability, Stretch
from sim.ops import Ops
from sim.physics.acoustics import carries_m, sound_delay_s
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sensors.beats import nearest_on
from sim.sky import MURK, NIGHT, STATES
from sim.units import DAY, HOUR, KM, MINUTE, Decibels, Metres, MetresPerSecond, PositiveMetres, PositiveSeconds, fault
from sim.watch import Sight, Stint, Track, passing

EYES, EARS_BY_DAY, EARS_BY_NIGHT = 0, 1, 2
"""Senses of a team; each notices by itself."""
EYE_M = 2.0
"""Height of the eyes above the road. Assumption: in or on a car."""


class Patrol(Stretch, Sensor, kind="patrol"):
    """Teams that drive a road beside the line by day and listen from their base by night.

    They stop where they can see: without a relief nothing masks; with one the ground does, not what grows on it. Refuses: teams on foot,
    what they are told by people, being turned back on the way (a day is let through as a whole), the weather in what is heard.
    """

    every_m: PositiveMetres
    """Length of line for one team."""
    stand_off_m: Metres = 2000.0
    """Distance of the road from the line, positive on side A."""
    speed_mps: MetresPerSecond = 25 * KM / HOUR
    """Assumption."""
    see_m: PositiveMetres = 1500.0
    """At which a vehicle is noticed from the road. Assumption."""
    notice_s: PositiveSeconds = 1 * MINUTE
    """Mean time in view until it is noticed. Assumption."""
    hears_db: Decibels = 100.0
    """Level at the ear that is noted as a shot or an explosion, by day. Assumption, set so that a burst of 180 dB is heard to about 7 km;
    OSCE observers noted most explosions at 2 to 7 km by day and 7 to 10 km at night."""
    night_gain_db: Decibels = 4.0
    """Fainter by so much at night. Assumption, as above."""
    day_from_s: PositiveSeconds = 4 * HOUR
    """The patrol sets out, after midnight UTC. Assumption: 07:00 local."""
    day_to_s: PositiveSeconds = 14 * HOUR
    """And is back. Assumption: 17:00 local."""
    listens_at_night: bool = True
    """Whether the team keeps watch from its base at night."""
    p_access: Probability = 0.7
    """Chance that it is let through on a day; else it stays at its base. Assumption, after the OSCE mission's restrictions."""
    p_classify_seen: Probability = 0.9
    p_attribute_seen: Probability = 0.7
    """Of what is seen with own eyes. Assumption."""
    p_classify_heard: Probability = 0.3
    p_attribute_heard: Probability = 0.1
    """Of what is only heard: most explosions stay undetermined. Assumption."""

    @model_validator(mode="after")
    def by_day(self) -> Self:
        """Refuse a day that ends before it begins."""
        if self.day_to_s <= self.day_from_s:
            raise fault("shift", "the patrol is back before it sets out; its day may not run over midnight UTC", at="day_to")
        return self

    def units(self, stage: Stage) -> range:
        """Number the teams along the line: as many as have whole stretches, one at least, and all that begin on it."""
        teams = max(1, int((self.to_m - self.from_m) // self.every_m)) if self.to_m > self.from_m else 0
        return range(min(teams, max(0, ceil((stage.line.length_m - self.from_m) / self.every_m))))

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Lay each team's road beside its stretch of the line."""
        return scene.stage.once((self.name, "tracks"), lambda: tuple(self.road(unit, scene) for unit in self.units(scene.stage)))

    def road(self, unit: int, scene: Scene) -> Track:
        """Return one team's road."""
        from_m = self.from_m + unit * self.every_m
        to_m = min(from_m + self.every_m, scene.line.length_m)
        xy_m = scene.line.track(min(from_m, to_m - 1.0), to_m, self.stand_off_m)
        return Track(xy_m, (from_m + to_m) / 2, scene.sky.patch_of((from_m + to_m) / 2))

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Notice from the road what is near, and hear from it what is loud."""
        return Sight.join(
            [
                part
                for number, track in enumerate(self.tracks(scene))
                for part in (self.seen(number, track, targets, scene.stage), self.heard(number, track, targets))
            ]
        )

    def seen(self, number: int, track: Track, targets: Targets, stage: Stage) -> Sight:
        """Return what is seen from one road: by size, by day, as far as the ground leaves free."""
        size_m = np.where(np.isnan(targets.size_m), np.nan_to_num(targets.trace_m), targets.size_m)
        reach_m = free_m(track, targets, self.see_m * seen_as(size_m, np.isnan(targets.size_m)), stage)
        state = np.arange(STATES)
        light = np.where(state & NIGHT, 0.1, 1.0) * np.where(state & MURK, 0.3, 1.0)
        return self.from_road(number, track, targets, reach_m, light / self.notice_s, self.p_classify_seen, self.p_attribute_seen, EYES)

    def heard(self, number: int, track: Track, targets: Targets) -> Sight:
        """Return what is heard from one road: by level, farther at night, late by half of the sound's farthest way."""
        parts = []
        for at_night, sense in enumerate((EARS_BY_DAY, EARS_BY_NIGHT)):
            reach_m = carries_m(targets.sound_db, self.hears_db - at_night * self.night_gain_db)
            rate = np.where((np.arange(STATES) & NIGHT > 0) == bool(at_night), 1.0 / self.notice_s, 0.0)
            part = self.from_road(number, track, targets, reach_m, rate, self.p_classify_heard, self.p_attribute_heard, sense)
            parts.append(replace(part, delay_s=sound_delay_s(reach_m[part.target] / 2)))
        return Sight.join(parts)

    def from_road(
        self, number: int, track: Track, targets: Targets, reach_m: Floats, rate: Floats, p_classify: float, p_attribute: float, sense: int
    ) -> Sight:
        """Return the sight of targets within reach of a road, at one rate by state of the sky (STATES,)."""
        whole = np.ones(len(targets))
        return passing(number, track, targets, reach_m, np.tile(rate, (len(targets), 1)), p_classify * whole, p_attribute * whole, sense)

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Drive by day where access is given; at night, and where it is not, listen from the middle of the road."""
        start = ops.scene.stage.start
        midnight_s = -(start - start.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        access, length_m = ops.dice("access", self.name), ops.tracks[unit].length_m
        for day in count():
            base_s = midnight_s + day * DAY
            if base_s >= ops.scene.horizon_s:
                return
            out_s, back_s = base_s + self.day_from_s, base_s + self.day_to_s
            drives = access.uniform(unit, day) < self.p_access
            yield ops.until(max(0.0, base_s))
            if self.listens_at_night:
                ops.post(Stint(unit, unit, base_s, out_s, length_m / 2, 0.0))
            ops.post(Stint(unit, unit, out_s, back_s, length_m / 2, self.speed_mps if drives else 0.0))
            if self.listens_at_night:
                ops.post(Stint(unit, unit, back_s, base_s + DAY, length_m / 2, 0.0))

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretch that the teams share."""
        return [(self.from_m, self.to_m)]


def free_m(track: Track, targets: Targets, reach_m: Floats, stage: Stage) -> Floats:
    """Return how far targets show over the relief from a road, by their tops and where the road comes nearest; without one, as given.

    Args:
        track: The road.
        targets: All of them.
        reach_m: How far each would be seen on open ground. Shape (N,).
        stage: Knows the relief.
    """
    if stage.relief is None:
        return reach_m
    eye_x_m, eye_y_m = nearest_on(track, targets.x_m, targets.y_m)
    near = np.flatnonzero(np.hypot(targets.x_m - eye_x_m, targets.y_m - eye_y_m) <= reach_m)
    some = targets.take(near)
    top_m = np.nan_to_num(some.height_m) + np.nan_to_num(some.size_m)
    bare = stage.masked(replace(some, height_m=top_m, mask_deg=np.zeros(len(near))), (eye_x_m[near], eye_y_m[near], EYE_M), reach_m[near])
    free = reach_m.copy()
    free[near] = np.minimum(reach_m[near], free_range_m(EYE_M, bare.mask_deg))
    return free
