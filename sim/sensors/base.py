"""What every sensor is: sight (space), crews (time), and how it heeds a cue. The join is the house's."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from sim.dice import Die
from sim.family import Member
from sim.live import Steps
from sim.model import Spread
from sim.ops import Cue, Ops
from sim.scene import Scene, Stage, Targets
from sim.units import Euros, PerSecond
from sim.watch import Sight, Stint, Track


class Sensor(Member, ABC):
    """Something that watches: a camera, a fleet, a constellation, a squad."""

    false_alarms_per_s: PerSecond = 0.0
    """False alarms of one unit on watch."""
    cued_by: tuple[str, ...] = ()
    """Whose finds it is sent to look at: names of sensors, or `desk`; nobody anywhere means open loop."""
    deliver: Spread | None = None
    """From seen to an alarm on the desk: link, download, processing; at once without it."""
    cost_eur: Euros = 0.0
    """Of one unit and day."""

    @property
    def slips_per_s(self) -> float:
        """False alarms of one unit a second of a stint."""
        return self.false_alarms_per_s

    def units(self, stage: Stage) -> Sequence[int]:
        """Return the numbers that name the units' dice."""
        return range(1)

    @abstractmethod
    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Return where units can be, always in the same order."""

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms of each track lie: along all of it, where it does not wind."""
        return tuple(track.length_m for track in self.tracks(scene))

    @abstractmethod
    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Return which targets can be seen from which stretches of which track, and how well."""

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Stand watch all the time."""
        ops.post(Stint(unit, unit, 0.0, ops.scene.horizon_s))
        return
        yield

    def heed(self, cue: Cue, ops: Ops) -> float | None:
        """Answer a cue: return when the look at it will be over, or None if nobody goes."""
        return None

    def look_at(self, targets: Targets, track: int, place: Track, scene: Scene) -> Sight:
        """Return what a unit sees that was sent to a place off the tracks; only sensors that heed cues have one.

        Args:
            targets: All of them.
            track: Number of the stand, which the sight is to carry.
            place: Its two vertices are where the unit stands and what it looks at.
            scene: The line under its sky.
        """
        raise TypeError(f"{self.kind_name} is not sent anywhere")

    def concerns(self, stage: Stage) -> list[str]:
        """Return what a planner should look at twice, in words; for `truceline check`."""
        return []

    def notes(self, stage: Stage) -> list[str]:
        """Return what follows from its figures that a planner would work out by hand; for `truceline check`."""
        return []

    def reach_m(self, stage: Stage) -> list[tuple[float, float]]:
        """Return the stretches of line that the sensor can see at all, for `truceline check`."""
        return [(0.0, stage.line.length_m)]


def works_s(unit: int, availability: float, repair_s: float, die: Die, horizon_s: float) -> Iterator[tuple[float, float]]:
    """Yield the spans of time in which a unit works, until the horizon: it breaks, is repaired, works again, all without memory.

    Args:
        unit: Names the throws.
        availability: Share of time that it works, from the first second on: it begins in the stationary state.
        repair_s: Mean time of repair; the mean time between failures follows from it and the availability.
        die: Throws of this purpose and sensor.
        horizon_s: The end of the run.
    """
    if availability == 0.0:
        return
    work_s = repair_s * availability / (1.0 - availability) if availability < 1.0 else float("inf")
    on_s = repair_s * die.exponential(unit, 0, 0) if die.uniform(unit, 0, 1) >= availability else 0.0
    outage = 1
    while on_s < horizon_s:
        off_s = min(on_s + work_s * die.exponential(unit, outage, 0), horizon_s)
        yield on_s, off_s
        on_s = off_s + repair_s * die.exponential(unit, outage, 1)
        outage += 1


def breakdowns(unit: int, ops: Ops, availability: float, repair_s: float, name: str) -> Steps:
    """Watch from the track of the unit's number until it breaks, be repaired, watch again; for `operate` of what stands still."""
    for on_s, off_s in works_s(unit, availability, repair_s, ops.dice("outage", name), ops.scene.horizon_s):
        ops.post(Stint(unit, unit, on_s, off_s))
        yield ops.until(off_s)
