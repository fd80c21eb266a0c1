"""Small groups on foot that cross the line."""

import numpy as np

from sim.clock import up
from sim.dice import Dice
from sim.kinds import Floats
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import DAY, HOUR, KM, Kelvins, Metres, MetresPerSecond, PositiveMetres
from sim.violations.base import Acts, Pieces, Seen, Violation, march, phase, ride_s


class FootIncursion(Violation, kind="foot_incursion"):
    """A group walks over to the other side, lies there, and walks back to the line. Its place is where it lies."""

    lasts: Spread = LogNormal(median_s=3.5 * HOUR, p90_s=9 * HOUR)
    """How long it lasts. Assumption: nine in ten between 1 h and 12 h."""
    depth_from_m: Metres = 0.2 * KM
    """Where it lies beyond the line. Assumption."""
    depth_to_m: Metres = 3 * KM
    """Where it lies beyond the line. Assumption."""
    night_share: Probability | None = 0.6
    """Assumption, as for firing."""
    p_hidden: Probability = 0.6
    """Share of groups concealed once they lie still. Assumption, 0.3 to 0.7 for vehicles; people hide more easily."""
    trace: Spread | None = LogNormal(median_s=1 * DAY, p90_s=3 * DAY)
    """How long a trodden path can be told as fresh. Assumption."""

    people: Pieces = Pieces(least=4, most=6)
    """Of a group. Source: groups of 4 to 6 (interbellumnews.com on infiltration, 2025)."""
    speed_mps: MetresPerSecond = 3 * KM / HOUR
    """Across country. Assumption. A scripted act that is short for its depth goes faster."""
    size_m: PositiveMetres = 0.75
    """Critical dimension of a person. Assumption: 0.5 to 0.75 m is customary."""
    rcs_m2: Positive = 0.5
    """Radar cross-section of a person. Assumption: 0.5 to 1 m2 is customary."""
    heat_k: Kelvins = 5.0
    """Contrast of a clothed person. Assumption."""
    path_m: PositiveMetres = 0.5
    """Width of the path that is left. Assumption."""

    def farthest_m(self, lasts_s: Floats) -> Floats:
        """Go there and come back in two thirds of the act."""
        return self.speed_mps * lasts_s / 3

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Walk in, lie still, walk out, leave a path."""
        line = stage.line
        crossing = acts.at(line, acts.chainage_m, np.zeros(len(acts)))
        walk_s = up(ride_s(np.abs(acts.offset_m), self.speed_mps, acts.lasts_s / 3))
        there_s, back_s = acts.start_s + walk_s, acts.end_s - walk_s
        people: Seen = {
            "size_m": self.size_m,
            "pieces": self.people.number(acts.uniform(dice("people", self.name))),
            "rcs_m2": self.rcs_m2,
            "heat_k": self.heat_k,
        }
        return Targets.join(
            [
                march(acts, line, "walk in", acts.start_s, there_s, (crossing.xy_m, acts.xy_m), people),
                phase(acts, "lie", there_s, back_s, people, hidden=acts.hidden),
                march(acts, line, "walk out", back_s, acts.end_s, (acts.xy_m, crossing.xy_m), people),
                *self.left(acts, dice, self.path_m),
            ]
        )
