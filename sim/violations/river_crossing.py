"""Boats that cross where the line runs through water."""

import numpy as np

from sim.clock import up
from sim.dice import Dice
from sim.errors import TrucelineError
from sim.kinds import Floats
from sim.model import LogNormal, Positive, Probability, Spread
from sim.scene import Stage, Targets
from sim.units import HOUR, KM, Decibels, Kelvins, Metres, MetresPerSecond, PositiveMetres, words
from sim.violations.base import Acts, Pieces, Seen, Violation, march, phase, ride_s


class RiverCrossing(Violation, kind="river_crossing"):
    """Boats put off, cross, land on the other side, and return. Only where the line runs through water.

    The line lies in the middle of the water: the boats put off as far from it on their own side as they land on the other. The
    incident's place is the landing.
    """

    lasts: Spread = LogNormal(median_s=2 * HOUR, p90_s=6 * HOUR)
    """How long it lasts. Assumption, as for a short incursion on foot."""
    depth_from_m: Metres = 0.3 * KM
    """Where they land beyond the line: half of the width of the water. Assumption, for the lower Dnipro."""
    depth_to_m: Metres = 1.5 * KM
    """Where they land beyond the line. Assumption, for the lower Dnipro."""
    night_share: Probability | None = 0.7
    """Assumption: boats are seen too easily by day."""
    p_hidden: Probability = 0.5
    """Share of boats concealed once they have landed. Assumption, 0.3 to 0.7."""

    boats: Pieces = Pieces(least=2, most=5)
    """Assumption."""
    speed_mps: MetresPerSecond = 10 * KM / HOUR
    """Of loaded boats. Assumption. A scripted act that is short for its way goes faster."""
    size_m: PositiveMetres = 2.0
    """Critical dimension of a small boat. Assumption."""
    rcs_m2: Positive = 2.0
    """Radar cross-section of a small boat. Assumption."""
    heat_k: Kelvins = 8.0
    """Contrast of motors and people on the water; what has landed shows half of it. Assumption."""
    sound_db: Decibels = 105.0
    """Level of an outboard motor at 1 m. Assumption."""

    def farthest_m(self, lasts_s: Floats) -> Floats:
        """Cross and return, twice the depth each, in two thirds of the act."""
        return self.speed_mps * lasts_s / 6

    def grounds(self, stage: Stage) -> list[tuple[float, float, float]]:
        """Return the stretches of water among those named, or all, by length.

        Raises:
            TrucelineError: There is none.
        """
        wet = {name: sector for name, sector in stage.sectors.items() if sector.water}
        chosen = [(wet[name], weight) for name, weight in self.where.items() if name in wet and weight > 0.0]
        if not self.where:
            chosen = [(sector, sector.to_m - sector.from_m) for sector in wet.values()]
        if not chosen:
            named = f"none of {', '.join(self.where)} is" if self.where else "no sector is"
            there = f"; name one of {', '.join(wet)}" if wet else "; give a sector of the line the terrain 'water'"
            raise TrucelineError(f"{self.name!r} is a river crossing, but {named} water{there}")
        return [(sector.from_m, sector.to_m, weight) for sector, weight in chosen]

    def concerns(self, stage: Stage) -> list[str]:
        """Say where there is no water to cross."""
        try:
            said = super().concerns(stage)
        except TrucelineError as why:
            return [str(why)]
        wet = [sector for sector in stage.sectors.values() if sector.water]
        dry = [name for name in self.where if name in stage.sectors and not stage.sectors[name].water]
        dry += [
            f"a hotspot at {words(one.at_m, 'length')}"
            for one in self.hotspots
            if not any(sector.from_m <= one.at_m <= sector.to_m for sector in wet)
        ]
        return said + [f"{place} is not on water: no boat crosses there" for place in dry]

    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Cross from the own bank, lie on the other, return."""
        line = stage.line
        x_m, y_m = line.at(acts.chainage_m)
        bank = (2 * x_m - acts.x_m, 2 * y_m - acts.y_m)
        sail_s = up(ride_s(2 * np.abs(acts.offset_m), self.speed_mps, acts.lasts_s / 3))
        there_s, back_s = acts.start_s + sail_s, acts.end_s - sail_s
        landed: Seen = {
            "size_m": self.size_m,
            "pieces": self.boats.number(acts.uniform(dice("boats", self.name))),
            "rcs_m2": self.rcs_m2,
            "heat_k": self.heat_k / 2,
        }
        afloat: Seen = {**landed, "heat_k": self.heat_k, "sound_db": self.sound_db}
        return Targets.join(
            [
                march(acts, line, "cross", acts.start_s, there_s, (bank, acts.xy_m), afloat),
                phase(acts, "landed", there_s, back_s, landed, hidden=acts.hidden),
                march(acts, line, "return", back_s, acts.end_s, (acts.xy_m, bank), afloat),
                *self.left(acts, dice, self.size_m),
            ]
        )
