"""Drones of one type that patrol stretches of the line from bases."""

from collections.abc import Iterator
from dataclasses import replace
from math import hypot, inf
from typing import Literal, NamedTuple

import numpy as np

from sim.kinds import Ints
from sim.law import REFERENCE_SIZE_M, Gmti, Law, Perception, interference
from sim.ops import Cue, Errand, Ops
from sim.scene import Scene, Stage, Targets
from sim.sensors.aircraft import Aircraft
from sim.sensors.beats import nearest_on
from sim.units import HOUR, Metres, PositiveMetres, PositiveSeconds
from sim.watch import Sight, Stint, Track, passing, stare

EYES, FEEL, RADAR = 0, 1, 2
"""Senses of a crew: what it sees, the loss of its own navigation or link, and what its radar follows."""


class Offer(NamedTuple):
    """A drone that can go and look."""

    flight_s: float
    """To the stand."""
    unit: int
    back_s: float
    """From the stand to its beat."""
    stint: Stint
    """What it is on now."""
    home: Stint
    """Its watch: it comes back to the place on its beat where it was at `on_s`."""


class DroneFleet(Aircraft, kind="drone_fleet"):
    """Aircraft that fly out, patrol back and forth beside the line, come home, and go to look where they are sent.

    Refuses: flight dynamics and formation; a beat that changes with the sky; handing over in flight; air defence that follows a drone
    on a divert (the fire that a sortie meets is that of its beat); jamming that shortens the link (a factor on what is seen stands for it).
    """

    altitude_m: Metres = 3000.0
    """Above the ground."""
    detection: Law
    """What its camera and operator see."""
    radar: Gmti | None = None
    """Radar on board for what moves."""
    divert_within_m: PositiveMetres = 80_000.0
    """How far a drone is sent to look. Assumption."""
    reach_within_s: PositiveSeconds | None = None
    """Nobody is sent who would come later than this after the call."""
    preempt: Literal["never", "desk", "nearer"] = "desk"
    """Whether a drone that holds over a place is called off to another: never, by the desk if a sensor sent it there and no other drone is
    free, or by whomever it reaches sooner than any free one does."""
    finder: Literal["flies_on", "holds"] = "flies_on"
    """What a drone does that found something, in a fleet that is cued by its own finds: fly on, while another one is sent, or hold where
    it is for as long as a drone that is sent."""
    hold_s: PositiveSeconds = 0.5 * HOUR
    """How long it looks before it gives up. Assumption."""
    search_radius_m: PositiveMetres = 2000.0
    """Circle that it searches round a place where it was sent. Assumption."""

    @property
    def sweep_m(self) -> float:
        """Sweep width of the eyes on a straight flight."""
        return self.detection.sweep_m(self.altitude_m, self.speed_mps)

    def senses(self, targets: Targets) -> Iterator[tuple[int, Perception]]:
        """Iterate over what the senses other than the eyes make of targets."""
        yield FEEL, interference(targets)
        if self.radar is not None:
            yield RADAR, self.radar.perceive(targets, self.altitude_m)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See a target from the stretches of the beat, out and back, that pass within range; feel what interferes, follow what moves."""
        anywhere = self.looks(targets)
        parts = []
        for number, track in enumerate(self.tracks(scene)):
            senses = anywhere if scene.stage.relief is None else self.looks(self.from_beat(track, targets, scene.stage))
            seen = senses[0][1]
            for sense, felt in senses:
                part = passing(number, track, targets, felt.range_m, felt.rate_per_s, felt.p_classify, felt.p_attribute, sense)
                if sense == EYES and self.detection.by_distance:
                    part = self.at_distance(part, seen, targets)
                parts.append(replace(part, delay_s=np.full(len(part), felt.delay_s)) if felt.delay_s else part)
        return Sight.join(parts)

    def looks(self, targets: Targets) -> list[tuple[int, Perception]]:
        """Return what all senses make of targets, the eyes first."""
        return [(EYES, self.detection.perceive(targets, self.altitude_m)), *self.senses(targets)]

    def from_beat(self, track: Track, targets: Targets, stage: Stage) -> Targets:
        """Return the targets with what hides them from the nearest point of a beat; far ones keep what they have."""
        open_m = self.looks(replace(targets, mask_deg=0.0 * targets.mask_deg))
        reach_m = np.max([felt.range_m for _, felt in open_m], axis=0)
        x_m, y_m = nearest_on(track, targets.x_m, targets.y_m)
        near = np.flatnonzero(np.hypot(targets.x_m - x_m, targets.y_m - y_m) <= reach_m)
        mask_deg = targets.mask_deg.copy()
        mask_deg[near] = stage.masked(targets.take(near), (x_m[near], y_m[near], self.altitude_m), reach_m[near]).mask_deg
        return replace(targets, mask_deg=mask_deg)

    def at_distance(self, sight: Sight, seen: Perception, targets: Targets) -> Sight:
        """Return a sight with what the eyes make of targets at their distances: how near a pass comes follows from the way in view."""
        if not len(sight):
            return sight
        way_m = sight.arcs_m[:, :, 1] - sight.arcs_m[:, :, 0]
        row, _ = np.nonzero(way_m > 0.0)
        way_m, target = way_m[way_m > 0.0], sight.target[row]
        felt = seen.take(target)
        nearest_m = np.sqrt(np.maximum(felt.range_m**2 - (way_m / 2) ** 2, 0.0) + self.altitude_m**2)
        felt = self.detection.at(felt, targets.take(target), nearest_m, way_m / 2)
        begin = np.flatnonzero(np.diff(row, prepend=-1))
        share = way_m / np.add.reduceat(way_m, begin)[row]
        rate_per_s = np.add.reduceat(felt.rate_per_s * share[:, None], begin)
        p_classify, p_attribute = (np.add.reduceat(chance * share, begin) for chance in (felt.p_classify, felt.p_attribute))
        return replace(sight, rate_per_s=rate_per_s, p_classify=p_classify, p_attribute=p_attribute)

    def look_at(self, targets: Targets, track: int, place: Track, scene: Scene) -> Sight:
        """Search the circle round a place from a stand in reach of it."""
        (stand_x_m, stand_y_m), (x_m, y_m) = place.xy_m
        near = np.flatnonzero(targets.distance_m(x_m, y_m) <= self.search_radius_m)
        away_m = np.hypot(targets.x_m[near] - stand_x_m, targets.y_m[near] - stand_y_m)
        rows, parts = [], []
        for sense, felt in self.focused(targets, near, (stand_x_m, stand_y_m), scene):
            seen = np.flatnonzero((away_m <= felt.range_m) & (felt.range_m > 0.0))
            some = felt.take(seen)
            if sense == EYES and self.detection.by_distance:
                some = self.detection.at(some, targets.take(near[seen]), np.hypot(away_m[seen], self.altitude_m), np.zeros(len(seen)))
            rows.append(near[seen])
            parts.append((some.rate_per_s, some.p_classify, some.p_attribute, np.full(len(seen), felt.delay_s), np.full(len(seen), sense)))
        target = np.concatenate(rows)
        rate_per_s, p_classify, p_attribute, delay_s, senses = (np.concatenate(column) for column in zip(*parts, strict=True))
        return stare(target, rate_per_s, np.full(len(target), track), p_classify, p_attribute, delay_s, senses)

    def focused(self, targets: Targets, near: Ints, stand_m: tuple[float, float], scene: Scene) -> list[tuple[int, Perception]]:
        """Return what all senses make of some targets when a circle is searched from a stand."""
        if scene.stage.relief is None:
            return [(sense, felt.take(near)) for sense, felt in self.focused_anywhere(targets, scene)]
        some = scene.stage.masked(targets.take(near), (*stand_m, self.altitude_m))
        return [(EYES, self.detection.focused(some, self.altitude_m, self.search_radius_m)), *self.senses(some)]

    def focused_anywhere(self, targets: Targets, scene: Scene) -> list[tuple[int, Perception]]:
        """Return what all senses make of all targets, wherever they are seen from: worked out once, for it is asked again and again."""
        known: tuple[Targets, list[tuple[int, Perception]]] | None = scene.sky.memo.get((self.name, "focused"))
        if known is None or known[0] is not targets:
            eyes = self.detection.focused(targets, self.altitude_m, self.search_radius_m)
            known = scene.sky.memo[self.name, "focused"] = targets, [(EYES, eyes), *self.senses(targets)]
        return known[1]

    def heed(self, cue: Cue, ops: Ops) -> float | None:
        """Send the nearest drone that may go: it flies to a stand in reach of the place, searches, and goes back to its patrol."""
        if self.finder == "holds" and cue.giver == self.name:
            return self.holds(cue, ops)
        leave_s = ops.now_s + ops.scene.stage.notice_s(self.name, self.kind_name, cue.chainage_m, cue.offset_m)
        place = np.array([cue.chainage_m]), np.array([cue.offset_m]), np.array([min(leave_s, ops.scene.horizon_s)])
        if ops.scene.sky.closed(self.name, self.kind_name, *place).any():
            return None
        stand_m = self.stand_for(cue, ops.scene)
        best = min(self.offers(cue, stand_m, leave_s, ops), default=None)
        if best is None or self.preempt == "nearer":
            best = min((offer for offer in (best, *self.recalls(cue, stand_m, leave_s, ops)) if offer is not None), default=None)
        if best is None:
            return None
        stint, home, unit = best.stint, best.home, best.unit
        stand = ops.stand(np.array([stand_m, (cue.x_m, cue.y_m)]), cue.chainage_m)
        on_s = leave_s + best.flight_s
        off_s = min(on_s + self.hold_s, home.off_s - best.back_s)
        until_it_goes = stint._replace(on_s=ops.now_s, off_s=leave_s, arc_m=stint.arc_m + stint.speed_mps * (ops.now_s - stint.on_s))
        ops.replace(unit, [until_it_goes, Stint(unit, stand, on_s, off_s), home._replace(on_s=off_s + best.back_s)])
        ops.errands[unit] = Errand(cue.giver, home)
        return off_s

    def holds(self, cue: Cue, ops: Ops) -> float | None:
        """Let the drone that found something hold where it is, then fly on along its beat."""
        stint = ops.current(cue.unit)
        if stint is None or stint.speed_mps == 0.0 or stint is not ops.roster[cue.unit][-1]:  # it holds already, or is spoken for
            return None
        off_s = min(ops.now_s + self.hold_s, stint.off_s)
        arc_m = stint.arc_m + stint.speed_mps * (ops.now_s - stint.on_s)
        stays = Stint(cue.unit, stint.track, ops.now_s, off_s, arc_m, 0.0)
        ops.replace(cue.unit, [stays, stint._replace(on_s=off_s, arc_m=arc_m)])
        return off_s

    def offers(self, cue: Cue, stand_m: tuple[float, float], leave_s: float, ops: Ops) -> Iterator[Offer]:
        """Iterate over the drones on their beats that can go and look, nearest first wherever one is nearer than all before."""
        beats, now_s, best_s = self.beats(ops.scene.stage), ops.now_s, inf
        for unit, roster in ops.roster.items():
            stint = roster[-1]
            if not (stint.on_s <= now_s and leave_s < stint.off_s and stint.speed_mps) or (cue.finder == self.name and unit == cue.unit):
                continue
            arc_m = stint.arc_m + stint.speed_mps * (leave_s - stint.on_s)
            x_m, y_m = beats[stint.track].at(arc_m)
            flight_s = hypot(x_m - stand_m[0], y_m - stand_m[1]) / self.speed_mps
            if flight_s <= best_s and self.goes(stint, flight_s, flight_s, stand_m, leave_s, ops):
                best_s = flight_s
                yield Offer(flight_s, unit, flight_s, stint, stint._replace(on_s=leave_s, arc_m=arc_m))

    def recalls(self, cue: Cue, stand_m: tuple[float, float], leave_s: float, ops: Ops) -> Iterator[Offer]:
        """Iterate over the drones that can be called off from where they hold."""
        for unit, errand in ops.errands.items():
            stint = ops.current(unit)
            if stint is None or stint.speed_mps or stint.off_s <= leave_s or (cue.finder == self.name and unit == cue.unit):
                continue
            if self.preempt == "nearer" or (self.preempt == "desk" and cue.giver == "desk" and errand.giver != "desk"):
                here_m, home_m = ops.place(stint.track).xy_m[0].tolist(), ops.tracks[errand.home.track].at(errand.home.arc_m)
                flight_s, back_s = (hypot(x_m - stand_m[0], y_m - stand_m[1]) / self.speed_mps for x_m, y_m in (here_m, home_m))
                if self.goes(errand.home, flight_s, back_s, stand_m, leave_s, ops):
                    yield Offer(flight_s, unit, back_s, stint, errand.home)

    def goes(self, home: Stint, flight_s: float, back_s: float, stand_m: tuple[float, float], leave_s: float, ops: Ops) -> bool:
        """Say whether a drone may fly to a stand: near enough, soon enough, back in time, and in reach of its link."""
        if flight_s * self.speed_mps > self.divert_within_m or leave_s + flight_s + back_s >= home.off_s:
            return False
        if self.reach_within_s is not None and leave_s + flight_s - ops.now_s > self.reach_within_s:
            return False
        link = self.beats(ops.scene.stage)[home.track].link
        return self.link_range_m is None or link is None or hypot(link[0] - stand_m[0], link[1] - stand_m[1]) <= self.link_range_m

    def stand_for(self, cue: Cue, scene: Scene) -> tuple[float, float]:
        """Return where to look at a place from: above it on the own side, else beside the line at the stand-off."""
        off_m = self.kept_off_m(self.stand_off_m, scene.stage, cue.chainage_m - 1.0, cue.chainage_m + 1.0)
        if cue.offset_m * self.sign >= off_m:
            return cue.x_m, cue.y_m
        return scene.line.place(cue.chainage_m, self.sign * off_m)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of a camera that does not reach the ground, beside what holds for all aircraft."""
        vehicle = replace(Targets.blank(1), size_m=np.array([REFERENCE_SIZE_M]), heat_k=np.array([5.0]))
        if self.detection.perceive(vehicle, self.altitude_m).range_m[0] > 0.0:
            return super().concerns(stage)
        return [f"its camera does not reach the ground from {self.altitude_m:,.0f} m", *super().concerns(stage)]
