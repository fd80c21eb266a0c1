"""Drones of one type that patrol stretches of the line from bases."""

from collections.abc import Sequence
from itertools import count, pairwise
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.dice import number_of
from sim.law import Law, interference
from sim.live import Steps
from sim.model import Count, Stretch
from sim.ops import Cue, Ops
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import JAMMED, Limits, Monthly
from sim.units import DAY, HOUR, Metres, MetresPerSecond, PerSecond, PositiveMetres, PositiveSeconds, Seconds, fault
from sim.watch import Sight, Stint, Track, passing, stare

TURN = 1000
CODES = 1 << 20
"""Units are numbered by their orbit's name and their turn in it: the third drone of an orbit of code 17 is 17002. One more drone or orbit,
or one less, renumbers nobody."""
EYES, FEEL = 0, 1
"""Senses of a crew: what it sees, and the loss of its own navigation or link."""

SPEED_OF_SOUND_MPS = 340.0


class Orbit(Stretch):
    """A stretch of the line that some drones of the fleet keep under watch."""

    base: str
    """Where they start and land."""
    drones: Count
    """How many share it."""


class DroneFleet(Sensor, kind="drone_fleet"):
    """Aircraft that fly out, patrol back and forth beside the line, come home, and go to look where they are sent."""

    orbits: Annotated[dict[str, Orbit], Field(min_length=1, max_length=TURN)]
    """Stretches with their bases and numbers of drones."""
    speed_mps: MetresPerSecond
    endurance_s: PositiveSeconds
    """From launch to landing."""
    turnaround_s: Seconds
    """From landing to ready again."""
    availability: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Share of the aircraft that are not in repair."""
    repair_s: PositiveSeconds = 1 * DAY
    """How long a repair takes. Assumption."""
    altitude_m: Metres = 3000.0
    """Above the ground."""
    detection: Law
    """What its camera and operator see."""
    stand_off_m: Metres = 3000.0
    """Distance of the patrol track from the line, on the own side."""
    own_side: Literal["A", "B"] = "A"
    phase: Literal["staggered", "random", "synchronised"] = "random"
    """How the drones of an orbit start: evenly spread over a cycle, thrown anew each replication, or all at once."""
    grounded: Monthly = (0.0,) * 12
    """Share of time that weather keeps this type on the ground, January to December."""
    loss_per_s: PerSecond = 0.0
    """Chance of being lost a unit of time on station."""
    jammed_loss_per_s: PerSecond = 0.005 / HOUR
    """The same, added while under interference. Assumption, after one loss in 69 minutes among hundreds of jammed flights."""
    replace_s: Seconds = 10 * DAY
    """Until a lost aircraft is replaced. Assumption."""
    divert_within_m: PositiveMetres = 80_000.0
    """How far a drone is sent to look. Assumption."""
    hold_s: PositiveSeconds = 0.5 * HOUR
    """How long it looks before it gives up. Assumption."""
    search_radius_m: PositiveMetres = 2000.0
    """Circle that it searches round a place where it was sent. Assumption."""

    @model_validator(mode="after")
    def told_apart(self) -> Self:
        """Refuse two orbits whose names have the same code, which happens to one pair of names in a million."""
        if len({code_of(name) for name in self.orbits}) < len(self.orbits):
            raise fault("codes", "two orbits have names with the same code by bad luck; rename one", at="orbits")
        return self

    def units(self, stage: Stage) -> Sequence[int]:
        """Number the drones by the name of their orbit, and turn by turn."""
        return sorted(code_of(name) * TURN + turn for name, orbit in self.orbits.items() for turn in range(orbit.drones))

    @property
    def sign(self) -> float:
        """Side of the line on which the fleet flies: +1 is A."""
        return 1.0 if self.own_side == "A" else -1.0

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Lay a track beside each orbit's stretch of the line."""
        return scene.stage.once((self.name, "tracks"), lambda: tuple(self.track(orbit, scene) for orbit in self.orbits.values()))

    def track(self, orbit: Orbit, scene: Scene) -> Track:
        """Return the patrol track of one orbit."""
        to_m = min(orbit.to_m, scene.line.length_m)
        middle_m = (orbit.from_m + to_m) / 2
        xy_m = scene.line.track(orbit.from_m, to_m, self.sign * self.stand_off_m)
        return Track(xy_m, middle_m, scene.sky.patch_of(middle_m))

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See a target from the stretches of the orbit, out and back, that pass within range; feel what interferes."""
        senses = ((EYES, self.detection.perceive(targets, self.altitude_m)), (FEEL, interference(targets)))
        return Sight.join(
            [
                passing(number, track, targets, felt.range_m, felt.rate_per_s, felt.p_classify, felt.p_attribute, sense)
                for number, track in enumerate(self.tracks(scene))
                for sense, felt in senses
            ]
        )

    def look_at(self, targets: Targets, track: int, place: Track, scene: Scene) -> Sight:
        """Search the circle round a place from a stand in reach of it."""
        (stand_x_m, stand_y_m), (x_m, y_m) = place.xy_m
        near = np.flatnonzero(targets.distance_m(x_m, y_m) <= self.search_radius_m)
        some = targets.take(near)
        parts = []
        for sense, felt in ((EYES, self.detection.focused(some, self.altitude_m, self.search_radius_m)), (FEEL, interference(some))):
            seen = np.flatnonzero((some.distance_m(stand_x_m, stand_y_m) <= felt.range_m) & (felt.range_m > 0.0))
            numbers, chances = np.full(len(seen), track), (felt.p_classify[seen], felt.p_attribute[seen])
            parts.append(stare(near[seen], felt.rate_per_s[seen], numbers, *chances, np.zeros(len(seen)), np.full(1, sense)))
        return Sight.join(parts)

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Fly sortie after sortie: wait for the sky, fly out, watch, come home or be lost, be serviced or replaced."""
        code, turn = divmod(unit, TURN)
        number, orbit = next((index, each) for index, (name, each) in enumerate(self.orbits.items()) if code_of(name) == code)
        track = ops.tracks[number]
        sky, patch = ops.scene.sky, track.patch
        entry_m, transit_s = self.way_out(ops.scene.stage.bases[orbit.base], track)
        watch_s = self.endurance_s - 2 * transit_s
        if watch_s <= 0.0:
            return
        ready_s = self.first_ready_s(unit, turn, orbit, ops)
        life, service = ops.dice("life", self.name), ops.dice("service", self.name)
        for sortie in count():
            launch_s = sky.fit_from(patch, self.limits, max(ready_s, 0.0))
            launch_s = ready_s if launch_s == 0.0 else launch_s
            if launch_s >= ops.scene.horizon_s:
                return
            yield ops.until(launch_s)
            on_s = launch_s + transit_s
            off_s = min(on_s + watch_s, max(on_s, sky.fit_until(patch, self.limits, max(launch_s, 0.0))))
            lost_s = self.lost_s(life.exponential(unit, sortie), max(on_s, 0.0), off_s, patch, ops.scene)
            out = (sortie + turn) % 2 == 0
            ops.post(Stint(unit, number, on_s, min(off_s, lost_s), entry_m if out else 2 * track.length_m - entry_m, self.speed_mps))
            if lost_s < off_s:
                ops.lose(unit, lost_s)
                ready_s = lost_s + self.replace_s
            else:
                ready_s = off_s + transit_s + self.turnaround_s
                ready_s += self.repair_s if service.uniform(unit, sortie) < self.p_repair else 0.0
            ready_s = max(ready_s, launch_s + 60.0)

    def first_ready_s(self, unit: int, turn: int, orbit: Orbit, ops: Ops) -> float:
        """Return when a drone is first ready, before the start where it is in the air by then; as many are in repair as ever."""
        cycle_s, repair_s = self.endurance_s + self.turnaround_s, self.p_repair * self.repair_s
        luck = ops.dice("first repair", self.name)
        if luck.uniform(unit, 0) < repair_s / (cycle_s + repair_s):
            return self.repair_s * luck.uniform(unit, 1)
        return self.head_start(unit, turn, orbit, ops) * cycle_s - self.endurance_s

    def head_start(self, unit: int, turn: int, orbit: Orbit, ops: Ops) -> float:
        """Return which share of a cycle has still to pass before the first launch, counted from one endurance before the start."""
        if self.phase == "synchronised":
            return self.endurance_s / (self.endurance_s + self.turnaround_s)
        if self.phase == "staggered":
            return turn / orbit.drones
        return ops.dice("phase", self.name).uniform(unit)

    @property
    def limits(self) -> Limits:
        """What keeps it on the ground."""
        return Limits(self.grounded)

    @property
    def p_repair(self) -> float:
        """Chance that a sortie ends in repair, such that the share of aircraft not in repair is the availability."""
        return min(1.0, (1.0 / self.availability - 1.0) * (self.endurance_s + self.turnaround_s) / self.repair_s)

    def way_out(self, base: tuple[float, float], track: Track) -> tuple[float, float]:
        """Return where on its track a drone from a base comes on station, and the time to get there."""
        fine_m = np.linspace(0.0, track.length_m, 201)
        x_m, y_m = (np.interp(fine_m, track.steps_m, track.xy_m[:, axis]) for axis in (0, 1))
        distance_m = np.hypot(x_m - base[0], y_m - base[1])
        nearest = int(distance_m.argmin())
        return float(fine_m[nearest]), float(distance_m[nearest]) / self.speed_mps

    def lost_s(self, life: float, on_s: float, off_s: float, patch: int, scene: Scene) -> float:
        """Return when a sortie's hazard uses up its life: a steady part, and one under interference; infinite if it does not."""
        turns_s, _ = scene.sky.timeline(patch)
        edges_s = [on_s, *[turn_s for turn_s in turns_s if on_s < turn_s < off_s], off_s]
        for begin_s, end_s in pairwise(edges_s):
            hazard = self.loss_per_s + (self.jammed_loss_per_s if scene.sky.state(patch, begin_s) & JAMMED else 0.0)
            if hazard * (end_s - begin_s) >= life > 0.0:
                return begin_s + life / hazard
            life -= hazard * (end_s - begin_s)
        return float("inf")

    def heed(self, cue: Cue, ops: Ops) -> float | None:
        """Send the nearest drone that is free: it flies to a stand in reach of the place, searches, and goes back to its patrol."""
        stand_x_m, stand_y_m = self.stand_for(cue, ops.scene)
        best: tuple[float, int, Stint, float] | None = None
        for unit in ops.roster:
            stint = ops.current(unit)
            if stint is None or stint.speed_mps == 0.0 or (cue.finder == self.name and unit == cue.unit):
                continue
            arc_m = stint.arc_m + stint.speed_mps * (ops.now_s - stint.on_s)
            x_m, y_m = ops.tracks[stint.track].at(arc_m)
            flight_s = float(np.hypot(x_m - stand_x_m, y_m - stand_y_m)) / self.speed_mps
            gets_there = flight_s * self.speed_mps <= self.divert_within_m and ops.now_s + 2 * flight_s < stint.off_s
            if gets_there and (best is None or (flight_s, unit) < best[:2]):
                best = flight_s, unit, stint, arc_m
        if best is None:
            return None
        flight_s, unit, stint, arc_m = best
        track = ops.stand(np.array([[stand_x_m, stand_y_m], [cue.x_m, cue.y_m]]), cue.chainage_m)
        on_s = ops.now_s + flight_s
        off_s = min(on_s + self.hold_s, stint.off_s - flight_s)
        back_s = off_s + flight_s
        ops.replace(unit, [Stint(unit, track, on_s, off_s), Stint(unit, stint.track, back_s, stint.off_s, arc_m, self.speed_mps)])
        return off_s

    def stand_for(self, cue: Cue, scene: Scene) -> tuple[float, float]:
        """Return where to look at a place from: above it on the own side, else beside the line at the stand-off."""
        if cue.offset_m * self.sign >= self.stand_off_m:
            return cue.x_m, cue.y_m
        x_m, y_m = scene.line.at(np.array([cue.chainage_m]), np.array([self.sign * self.stand_off_m]))
        return float(x_m[0]), float(y_m[0])

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of drones faster than sound, of orbits that are out of reach, and of bases on the far side."""
        found = []
        if self.speed_mps > SPEED_OF_SOUND_MPS:
            found.append(f"flies at {self.speed_mps * 3.6:,.0f} km/h, faster than sound; is the unit right?")
        if self.repair_s < (1.0 / self.availability - 1.0) * (self.endurance_s + self.turnaround_s):
            found.append(f"an availability of {self.availability:.2g} needs longer repairs; with these it is higher")
        for name, orbit in self.orbits.items():
            base = stage.bases.get(orbit.base)
            if orbit.from_m >= stage.line.length_m:
                found.append(f"orbit {name} lies beyond the end of the line; it cannot be flown")
            if base is None or orbit.from_m >= stage.line.length_m:
                continue
            to_m = min(orbit.to_m, stage.line.length_m)
            xy_m = stage.line.track(min(orbit.from_m, to_m - 1.0), to_m, self.sign * self.stand_off_m)
            transit_s = self.way_out(base, Track(xy_m, 0.0, 0))[1]
            if self.endurance_s <= 2 * transit_s:
                found.append(f"{orbit.base} is {transit_s * self.speed_mps / 1000:,.0f} km from orbit {name}; no drone ever gets there")
            chainage_m, offset_m = (float(column[0]) for column in stage.line.locate(np.array([base[0]]), np.array([base[1]])))
            if offset_m * self.sign < 0.0 and 0.0 < chainage_m < stage.line.length_m:
                found.append(f"base {orbit.base} lies on the far side of the line")
        return found

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretches of its orbits."""
        return [(orbit.from_m, orbit.to_m) for orbit in self.orbits.values() if orbit.drones]


def code_of(orbit: str) -> int:
    """Return the number that stands for an orbit's name in the numbers of its drones."""
    return number_of(orbit) % CODES
