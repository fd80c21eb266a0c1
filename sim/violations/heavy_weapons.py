"""Guns and tanks that stand in the withdrawal zone."""

from typing import ClassVar

from sim.dice import Dice
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import DAY, KM, Kelvins, Metres, PositiveMetres
from sim.violations.base import OWN, Acts, Pieces, Seen, Violation, phase


class HeavyWeapons(Violation, kind="heavy_weapons"):
    """Weapons stand where none may be, for hours to weeks, often concealed. They neither move nor fire while they do."""

    ground: ClassVar[int] = OWN

    lasts: Spread = LogNormal(median_s=2 * DAY, p90_s=14 * DAY)
    """How long they stand. Assumption: hours to weeks."""
    depth_from_m: Metres = 1 * KM
    """Where they stand behind their own side of the line. Assumption."""
    depth_to_m: Metres = 15 * KM
    """The same. Source: 15 km a side for 100 mm and more, Minsk memorandum of 19 September 2014."""
    p_hidden: Probability = 0.5
    """Share that is concealed: tree belts, nets, sheds. Assumption, 0.3 to 0.7."""

    weapons: Pieces = Pieces(least=1, most=6)
    """That stand together. Assumption: up to a battery."""
    size_m: PositiveMetres = 2.3
    """Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
    rcs_m2: Positive = 10.0
    """Radar cross-section of one. Assumption: 10 dBsm is customary for a vehicle."""
    heat_k: Kelvins | None = None
    """Contrast; without it they are cold and cannot be seen by heat. Assumption: engines off."""
    scar_m: PositiveMetres = 10.0
    """Extent of the revetment that is left if `trace` is given. Assumption."""

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Stand."""
        weapon: Seen = {
            "size_m": self.size_m,
            "pieces": self.weapons.number(acts.uniform(dice("weapons", self.name))),
            "rcs_m2": self.rcs_m2,
            "heat_k": self.heat_k,
        }
        return Targets.join(
            [phase(acts, "stand", acts.start_s, acts.end_s, weapon, hidden=acts.hidden), *self.left(acts, dice, self.scar_m)]
        )
