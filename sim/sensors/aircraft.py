"""Aircraft that fly sortie after sortie from bases: beats, crews, service, weather and losses. What they see is their kind's."""

from abc import abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterator, Sequence
from itertools import count, pairwise
from math import inf
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from sim.clock import months
from sim.dice import number_of
from sim.kinds import Floats
from sim.live import Steps
from sim.ops import Ops, Pool, Suspension
from sim.scene import Scene, Stage
from sim.sensors.base import Sensor
from sim.sensors.beats import Beat, Orbit, lanes_m, path, tails, way_out, within_link
from sim.sky import JAMMED
from sim.units import DAY, HOUR, Metres, MetresPerSecond, PerSecond, PositiveMetres, PositiveSeconds, Seconds, duration, fault
from sim.watch import Stint, Track
from sim.weather import Limits, Monthly

TURN = 1000
CODES = 1 << 20
"""Units are numbered by their orbit's name and their turn in it: the third drone of an orbit of code 17 is 17002. One more drone or orbit,
or one less, renumbers nobody."""
SPEED_OF_SOUND_MPS = 340.0
Crews = Annotated[int, Field(ge=1, le=10_000)]


class Aircraft(Sensor):
    """Aircraft that fly out, patrol back and forth beside the line, or lane by lane over a zone, come home, and are serviced or lost.

    Refuses: flight dynamics and formation; a beat that changes with the sky; handing over in flight; air defence that follows a unit
    off its beat.
    """

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
    stand_off_m: Metres = 3000.0
    """Distance of the patrol track from the line, on the own side."""
    own_side: Literal["A", "B"] = "A"
    phase: Literal["staggered", "random", "synchronised"] = "random"
    """How the drones of an orbit start: evenly spread over a cycle, thrown anew each replication, or all at once."""
    lane_spacing_m: PositiveMetres | None = None
    """Distance of parallel lanes over a deep zone; the sweep width of what it sees with without it."""
    grounded: Monthly = (0.0,) * 12
    """Share of time that weather keeps this type on the ground, January to December."""
    wind_limit_mps: MetresPerSecond | None = None
    """It does not fly in more wind at flight height; 30 kt are published for the Camcopter S-100, 25 kt for the Puma."""
    icing: bool = True
    """Whether it flies where ice forms."""
    crews: Crews | None = None
    """Ground crews on duty at any time: each flies one aircraft from launch to landing, who is ready first first; enough without it."""
    mechanics: Crews | None = None
    """Ground teams: each turns round, maintains or repairs one aircraft at a time, who lands first first; enough without it."""
    maintenance_every_s: PositiveSeconds | None = None
    """Flight hours after which an aircraft is maintained at its next landing; never without it."""
    maintenance_s: Seconds = 1 * DAY
    """How long that takes, on top of the turnaround. Assumption, range 0.5 to 3 days."""
    loss_per_s: PerSecond = 0.0
    """Chance of being lost a unit of time on station."""
    jammed_loss_per_s: PerSecond = 0.005 / HOUR
    """The same, added while under interference. Assumption, after one loss in 69 minutes among hundreds of jammed flights."""
    fire_loss_per_s: PerSecond = 0.0
    """The same, added by fire where a beat lies at the line or beyond; it falls evenly to nothing at `fire_reach`. Assumption for flights
    within 5 km of the line: 0.003 a sortie while a cease-fire holds, 0.03 where it breaks down."""
    fire_reach_m: PositiveMetres = 10_000.0
    """How far from the line fire reaches. Assumption, range 5 to 30 km: the class of the 9K33 that was seen before a loss at 7,000 ft (OSCE
    SMM spot report, 27 October 2018)."""
    suspend: tuple[Suspension, ...] = ()
    """When the whole fleet is stopped after losses. Assumption: after 2 within 30 days for 10 days, after 3 within 60 days for 6 months;
    the OSCE mission's stood still for 19 months (2016 to 2018)."""
    replace_s: Seconds = 10 * DAY
    """Until a lost aircraft is replaced. Assumption."""
    link_range_m: PositiveMetres | None = None
    """How far from its base, or relay, it is steered; what lies beyond is neither patrolled nor searched. By satellite without it."""

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

    @property
    @abstractmethod
    def sweep_m(self) -> float:
        """Sweep width of a straight flight: how far apart lanes are laid."""

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Lay a track beside each orbit's stretch of the line, or over the zone behind it."""
        return scene.stage.once((self.name, "tracks"), lambda: tuple(self.laid(scene)))

    def laid(self, scene: Scene) -> Iterator[Track]:
        """Iterate over the tracks of the orbits."""
        for beat in self.beats(scene.stage):
            chainage_m, _ = scene.line.locate(*beat.xy_m.T)
            middle_m = float(chainage_m.min() + chainage_m.max()) / 2
            yield Track(beat.xy_m, middle_m, scene.sky.patch_of(middle_m))

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line each beat lies, whatever lanes wind over it."""
        return tuple(float(np.ptp(scene.line.locate(*track.xy_m.T)[0])) for track in self.tracks(scene))

    def beats(self, stage: Stage) -> tuple[Beat, ...]:
        """Return the ways that the orbits fly."""
        return stage.once((self.name, "beats"), lambda: tuple(self.beat(orbit, stage) for orbit in self.orbits.values()))

    def beat(self, orbit: Orbit, stage: Stage) -> Beat:
        """Return the way that an orbit flies: as near to the line as is allowed, as far as the link reaches."""
        to_m = min(orbit.to_m, stage.line.length_m)
        depths_m = self.depths_m(orbit, stage)
        xy_m = path(stage.line, min(orbit.from_m, to_m - 1.0), to_m, self.sign * depths_m)
        base = stage.bases.get(orbit.base)
        link = stage.bases.get(orbit.relay) if orbit.relay else base
        if self.link_range_m is not None and link is not None:
            within_m = within_link(xy_m, link, self.link_range_m)
            xy_m, base = (within_m, base) if len(within_m) else (xy_m, None)
        return Beat(xy_m, depths_m, link, *(way_out(base, xy_m) if base else (0.0, inf)))

    def depths_m(self, orbit: Orbit, stage: Stage) -> Floats:
        """Return the distances from the line, on the own side, at which an orbit flies. Shape (L,)."""
        nearest_m = self.kept_off_m(-inf, stage, orbit.from_m, orbit.to_m)
        stand_off_m = max(self.stand_off_m, nearest_m)
        if orbit.depth_to_m is None:
            return np.array([stand_off_m])
        from_m = stand_off_m if orbit.depth_from_m is None else max(orbit.depth_from_m, nearest_m)
        return lanes_m(from_m, orbit.depth_to_m, self.lane_spacing_m or self.sweep_m)

    def kept_off_m(self, depth_m: float, stage: Stage, from_m: float, to_m: float) -> float:
        """Return a distance from the line, or the one that must be kept there if that is more."""
        keep_off_m = stage.keep_off_m(self.name, self.kind_name, int(self.sign), from_m, to_m)
        return max(depth_m, keep_off_m) if keep_off_m else depth_m

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Fly sortie after sortie: wait for sky, orders and crew, fly out, watch, come home or be lost, be serviced or replaced."""
        code, turn = divmod(unit, TURN)
        number, orbit = next((index, each) for index, (name, each) in enumerate(self.orbits.items()) if code_of(name) == code)
        beat, track = self.beats(ops.scene.stage)[number], ops.tracks[number]
        sky, patch, limits = ops.scene.sky, track.patch, self.limits
        transit_s = beat.away_m / self.speed_mps
        watch_s = self.endurance_s - 2 * transit_s
        if watch_s <= 0.0:
            return
        crews = ops.pool("crews", self.crews) if self.crews else None
        mechanics = ops.pool("mechanics", self.mechanics) if self.mechanics else None
        maintained_s, p_repair = self.maintenance_every_s or inf, self.p_repair
        fire_per_s = self.fire_loss_per_s * beat.in_fire(self.fire_reach_m)
        ready_s = self.first_ready_s(unit, turn, orbit, ops)
        flown_s = self.flown_before_s(unit, ops)
        life, service = ops.dice("life", self.name), ops.dice("service", self.name)
        for sortie in count():
            launch_s = yield from self.launch_s(ready_s, patch, limits, crews, ops)
            if launch_s == inf:
                return
            on_s = launch_s + transit_s
            off_s = min(on_s + watch_s, max(on_s, sky.fit_until(patch, limits, max(launch_s, 0.0))))
            lost_s = self.lost_s(life.exponential(unit, sortie), max(on_s, 0.0), off_s, patch, ops.scene, fire_per_s)
            landed_s = off_s + transit_s
            out = (sortie + turn) % 2 == 0
            entry_m = beat.entry_m if out else 2 * track.length_m - beat.entry_m
            ops.post(Stint(unit, number, on_s, min(off_s, lost_s), entry_m, self.speed_mps))
            if crews is not None:
                crews.take(min(landed_s, lost_s))
            if lost_s < off_s:
                ops.lose(unit, lost_s)
                ready_s, flown_s = lost_s + self.replace_s, 0.0
            else:
                flown_s += landed_s - launch_s
                ready_s = landed_s + self.turnaround_s
                if p_repair and service.uniform(unit, sortie) < p_repair:
                    ready_s += self.repair_s
                if flown_s >= maintained_s:
                    ready_s, flown_s = ready_s + self.maintenance_s, 0.0
                if mechanics is not None:
                    yield ops.until(landed_s)
                    ready_s = mechanics.serve(landed_s, ready_s - landed_s)
            ready_s = max(ready_s, launch_s + 60.0)

    def launch_s(self, ready_s: float, patch: int, limits: Limits, crews: Pool | None, ops: Ops) -> Generator[Any, Any, float]:
        """Wait until a drone may take off that is ready; return when: infinite if never in this run, below 0 if it is up at the start."""
        while True:
            fit_s = ops.scene.sky.fit_from(patch, limits, max(ready_s, 0.0))
            launch_s = ready_s if fit_s == 0.0 else fit_s
            if launch_s >= ops.scene.horizon_s:
                return inf
            yield ops.until(launch_s)
            ready_s = max(ops.suspended_until_s(self.suspend), crews.next_s if crews is not None else -inf)
            if ready_s <= launch_s:
                return launch_s

    def first_ready_s(self, unit: int, turn: int, orbit: Orbit, ops: Ops) -> float:
        """Return when a drone is first ready, before the start where it is in the air by then; as many are out of service as ever."""
        cycle_s = self.endurance_s + self.turnaround_s
        in_repair, in_maintenance = self.out_of_service(unit, ops)
        if in_repair or in_maintenance:
            return (self.repair_s if in_repair else self.maintenance_s) * ops.dice("first repair", self.name).uniform(unit, 1)
        return self.head_start(unit, turn, orbit, ops) * cycle_s - self.endurance_s

    def out_of_service(self, unit: int, ops: Ops) -> tuple[bool, bool]:
        """Say whether a drone is in repair at the start, and whether in maintenance."""
        cycle_s, repair_s = self.endurance_s + self.turnaround_s, self.p_repair * self.repair_s
        place_s = ops.dice("first repair", self.name).uniform(unit, 0) * (cycle_s + repair_s + self.mean_maintenance_s)
        return place_s < repair_s, repair_s <= place_s < repair_s + self.mean_maintenance_s

    def flown_before_s(self, unit: int, ops: Ops) -> float:
        """Return how long a drone has flown since its last maintenance before the start; none if it is in maintenance then."""
        if self.maintenance_every_s is None or self.out_of_service(unit, ops)[1]:
            return 0.0
        return self.maintenance_every_s * ops.dice("flown", self.name).uniform(unit)

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
        return Limits(self.grounded, inf if self.wind_limit_mps is None else self.wind_limit_mps, self.icing)

    @property
    def mean_maintenance_s(self) -> float:
        """Time in maintenance for each sortie."""
        return self.maintenance_s * self.endurance_s / self.maintenance_every_s if self.maintenance_every_s else 0.0

    @property
    def p_repair(self) -> float:
        """Chance that a sortie ends in repair, such that the share of aircraft not in repair is the availability."""
        return min(1.0, (1.0 / self.availability - 1.0) * (self.endurance_s + self.turnaround_s) / self.repair_s)

    def lost_s(self, life: float, on_s: float, off_s: float, patch: int, scene: Scene, fire_per_s: float = 0.0) -> float:
        """Return when a sortie's hazard uses up its life: a steady part, and one under interference; infinite if it does not."""
        steady = self.loss_per_s + fire_per_s
        if (steady + self.jammed_loss_per_s) * (off_s - on_s) < life:
            return inf
        turns_s, states = scene.sky.timeline(patch)
        first = bisect_right(turns_s, on_s)
        last = max(first, bisect_left(turns_s, off_s))
        edges_s = [on_s, *turns_s[first:last], off_s]
        for (begin_s, end_s), state in zip(pairwise(edges_s), states[first - 1 : last], strict=True):
            hazard = steady + (self.jammed_loss_per_s if state & JAMMED else 0.0)
            if hazard * (end_s - begin_s) >= life > 0.0:
                return begin_s + life / hazard
            life -= hazard * (end_s - begin_s)
        return inf

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
            beat = self.beat(orbit, stage)
            transit_s = beat.away_m / self.speed_mps
            if transit_s == inf:
                found.append(f"no part of orbit {name} is in reach of its link")
            elif self.endurance_s <= 2 * transit_s:
                found.append(f"{orbit.base} is {beat.away_m / 1000:,.0f} km from orbit {name}; no drone ever gets there")
            if orbit.depth_to_m is not None and orbit.depth_to_m <= self.depths_m(orbit, stage)[0]:
                found.append(f"the zone of orbit {name} ends before the stand-off; one beat is flown there")
            chainage_m, offset_m = (float(column[0]) for column in stage.line.locate(np.array([base[0]]), np.array([base[1]])))
            if offset_m * self.sign < 0.0 and 0.0 < chainage_m < stage.line.length_m:
                found.append(f"base {orbit.base} lies on the far side of the line")
        return found

    def notes(self, stage: Stage) -> list[str]:
        """Say how many aircraft keep one always on station, orbit by orbit, and how long a round of lanes takes."""
        needed = {name: self.tails(orbit, stage) for name, orbit in self.orbits.items()}
        told = [f"{name} {tails:.1f} (has {self.orbits[name].drones})" for name, tails in needed.items() if tails < inf]
        run = months(stage.start, np.arange(0.0, stage.length_s, DAY))
        down = float(np.asarray(self.grounded)[run].mean())
        limits = [name for name, set_ in (("wind", self.limits.wind_mps < inf), ("icing", not self.limits.in_icing)) if set_]
        more = f", {' and '.join(limits)} more" if limits else ""
        weather = f"; weather takes {100 * down:.0f} % of the time besides{more}" if down or more else ""
        found = [f"aircraft that keep one always on station, by orbit: {', '.join(told)}{weather}"] if told else []
        for name, orbit in self.orbits.items():
            if orbit.depth_to_m is not None and orbit.from_m < stage.line.length_m:
                beat = self.beat(orbit, stage)
                round_s = 2 * beat.steps_m[-1] / self.speed_mps
                found.append(f"orbit {name}: {len(beat.depths_m)} lanes; one drone flies them out and back in {duration(round_s)}")
        return found

    def tails(self, orbit: Orbit, stage: Stage) -> float:
        """Return how many aircraft keep one always on station, weather and losses apart; infinite where none gets there."""
        if orbit.from_m >= stage.line.length_m or orbit.base not in stage.bases:
            return inf
        transit_s = self.beat(orbit, stage).away_m / self.speed_mps
        return tails(self.endurance_s, transit_s, self.turnaround_s + self.mean_maintenance_s, self.availability)

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretches of its orbits."""
        return [(orbit.from_m, orbit.to_m) for orbit in self.orbits.values() if orbit.drones]


def code_of(orbit: str) -> int:
    """Return the number that stands for an orbit's name in the numbers of its drones."""
    return number_of(orbit) % CODES
