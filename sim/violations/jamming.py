"""Transmitters that disturb links and satellite navigation."""

from typing import ClassVar

from sim.dice import Dice
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import HOUR, KM, Kelvins, Metres, PositiveMetres, Watts
from sim.violations.base import OWN, Acts, Seen, Violation, phase


class Jamming(Violation, kind="jamming"):
    """A jammer on a truck transmits from behind its own side of the line. It leaves no trace."""

    ground: ClassVar[int] = OWN

    lasts: Spread = LogNormal(median_s=2 * HOUR, p90_s=24 * HOUR)
    """How long it transmits. Assumption: 10 min to days; OSCE noted one case of 70 min."""
    depth_from_m: Metres = 1 * KM
    """Where it stands behind its own side of the line. Assumption."""
    depth_to_m: Metres = 20 * KM
    """Where it stands behind its own side of the line. Assumption."""
    p_hidden: Probability = 0.5
    """Share of trucks that are concealed; what it transmits is not. Assumption, 0.3 to 0.7."""

    emitter_w: Watts = 100.0
    """Power that it radiates. Assumption: 10 W for a trench set to 1 kW for a large one."""
    size_m: PositiveMetres = 2.3
    """Of the truck. Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
    rcs_m2: Positive = 10.0
    """Radar cross-section of the truck. Assumption: 10 dBsm is customary for a vehicle."""
    heat_k: Kelvins = 10.0
    """Contrast of its generator. Assumption."""

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Stand and transmit."""
        jammer: Seen = {"size_m": self.size_m, "rcs_m2": self.rcs_m2, "heat_k": self.heat_k, "emitter_w": self.emitter_w}
        return phase(acts, "transmit", acts.start_s, acts.end_s, jammer, hidden=acts.hidden)
