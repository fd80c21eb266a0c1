"""Columns of armoured vehicles that cross the line."""

import numpy as np

from sim.clock import up
from sim.dice import Dice
from sim.kinds import Floats
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import DAY, HOUR, KM, MINUTE, Decibels, Kelvins, Metres, MetresPerSecond, PositiveMetres
from sim.violations.base import Acts, Pieces, Seen, Violation, march, phase, ride_s


class ArmouredIncursion(Violation, kind="armoured_incursion"):
    """A column crosses the line, drives into the other side, stands there, and leaves tracks. Its place is where it stands."""

    lasts: Spread = LogNormal(median_s=105 * MINUTE, p90_s=4.5 * HOUR)
    """How long it lasts. Assumption: nine in ten between half an hour and 6 h."""
    depth_from_m: Metres = 0.5 * KM
    """Where it stands beyond the line. Assumption."""
    depth_to_m: Metres = 5 * KM
    """Where it stands beyond the line. Assumption."""
    p_hidden: Probability = 0.5
    """Share of columns concealed once they stand. Assumption, 0.3 to 0.7."""
    trace: Spread | None = LogNormal(median_s=3 * DAY, p90_s=10 * DAY)
    """How long tracks can be told as fresh. Assumption."""

    vehicles: Pieces = Pieces(least=3, most=10)
    """Of a column. Assumption: a platoon to a company."""
    speed_mps: MetresPerSecond = 15 * KM / HOUR
    """Of the column, off the road. Assumption. A scripted act that is short for its depth drives faster."""
    size_m: PositiveMetres = 2.3
    """Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
    rcs_m2: Positive = 10.0
    """Radar cross-section of a vehicle. Assumption: 10 dBsm is customary."""
    moving_k: Kelvins = 15.0
    """Contrast of a vehicle that drives. Assumption."""
    standing_k: Kelvins = 8.0
    """Contrast of a vehicle that stands. Assumption."""
    sound_db: Decibels = 110.0
    """Level of the column at 1 m as it drives. Assumption: some 85 dB at 15 m."""
    track_m: PositiveMetres = 3.0
    """Width of the tracks. Assumption."""

    def farthest_m(self, lasts_s: Floats) -> Floats:
        """Get there within half of the act."""
        return self.speed_mps * lasts_s / 2

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Cross the line and drive in, stand until the act is over, leave tracks."""
        line = stage.line
        crossing = acts.at(line, acts.chainage_m, np.zeros(len(acts)))
        there_s = up(acts.start_s + ride_s(np.abs(acts.offset_m), self.speed_mps, acts.lasts_s / 2))
        pieces = self.vehicles.number(acts.uniform(dice("vehicles", self.name)))
        standing: Seen = {"size_m": self.size_m, "pieces": pieces, "rcs_m2": self.rcs_m2, "heat_k": self.standing_k}
        driving: Seen = {**standing, "heat_k": self.moving_k, "sound_db": self.sound_db}
        return Targets.join(
            [
                march(acts, line, "drive in", acts.start_s, there_s, (crossing.xy_m, acts.xy_m), driving),
                phase(acts, "stand", there_s, acts.end_s, standing, hidden=acts.hidden),
                *self.left(acts, dice, self.track_m),
            ]
        )
