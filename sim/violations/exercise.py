"""Live-fire exercises, which look like shelling and break nothing."""

from typing import ClassVar

import numpy as np

from sim.dice import Dice
from sim.kinds import Bools
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import DAY, HOUR, KM, Decibels, Kelvins, Metres, PositiveMetres
from sim.violations.base import OWN, Acts, Pieces, Seen, Violation, phase


class Exercise(Violation, kind="exercise"):
    """Guns fire on a range behind their own side of the line, vehicles stand by, craters stay. Some are announced, some are not.

    Its place is that of the guns. For one inside the zone, or near the line, write smaller depths.
    """

    benign: ClassVar[bool] = True
    ground: ClassVar[int] = OWN

    lasts: Spread = LogNormal(median_s=2 * HOUR, p90_s=6 * HOUR)
    """How long it lasts. Assumption."""
    depth_from_m: Metres = 12 * KM
    """Where it is held behind the own side of the line. Assumption."""
    depth_to_m: Metres = 30 * KM
    """Where it is held behind the own side of the line. Assumption."""
    night_share: Probability | None = 0.1
    """Assumption: mostly by day."""
    trace: Spread | None = LogNormal(median_s=4 * DAY, p90_s=14 * DAY)
    """How long craters can be told as fresh. Assumption."""

    p_notified: Probability = 0.7
    """Share that was announced to the mission. Assumption."""
    vehicles: Pieces = Pieces(least=4, most=12)
    """Guns and what stands by. Assumption: a battery and its train."""
    size_m: PositiveMetres = 2.3
    """Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
    rcs_m2: Positive = 10.0
    """Radar cross-section of one. Assumption: 10 dBsm is customary for a vehicle."""
    flash_k: Kelvins = 500.0
    """Contrast of the muzzle flashes. Assumption: several hundred."""
    sound_db: Decibels = 180.0
    """Level of a shot and of a burst at 1 m. Assumption, as for guns that break the truce."""
    range_m: PositiveMetres = 5 * KM
    """From the guns to where the shells fall, away from the line. Assumption."""
    burst_m: PositiveMetres = 5.0
    """Size of the cloud of dust that a burst throws up. Assumption."""
    burst_k: Kelvins = 600.0
    """Contrast of a burst. Assumption: several hundred."""
    crater_m: PositiveMetres = 5.0
    """Width of a crater with its ring of earth. Assumption."""

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Fire on the range, with bursts farther back, and leave craters there."""
        falls = acts.at(stage.line, acts.chainage_m, acts.offset_m + np.sign(acts.offset_m) * self.range_m)
        pieces = self.vehicles.number(acts.uniform(dice("vehicles", self.name)))
        guns: Seen = {"size_m": self.size_m, "pieces": pieces, "rcs_m2": self.rcs_m2, "heat_k": self.flash_k, "sound_db": self.sound_db}
        burst: Seen = {"size_m": self.burst_m, "heat_k": self.burst_k, "sound_db": self.sound_db}
        return Targets.join(
            [
                phase(acts, "fire", acts.start_s, acts.end_s, guns),
                phase(falls, "bursts", acts.start_s, acts.end_s, burst),
                *self.left(falls, dice, self.crater_m),
            ]
        )

    def notified(self, acts: Acts, dice: Dice) -> Bools:
        """Say which exercises were announced. Shape (N,)."""
        return acts.uniform(dice("notified", self.name)) < self.p_notified
