"""Satellites in clusters that locate strong emitters."""

from typing import Annotated

import numpy as np

from sim.kinds import Floats
from sim.model import LogNormal, NonNegative, Probability, Spread
from sim.scene import Stage, Targets
from sim.sensors.overpasses import Overpasses
from sim.tiles import Tiles
from sim.units import HOUR, KM, PositiveMetres, Quantity, Watts

TILE_M = 50 * KM
"""Length of line whose passages are taken to be those of its middle: at 10 deg of elevation, 25 km are 0.2 deg, and 4 s of flight."""


class RfSatellite(Overpasses, kind="rf_satellite"):
    """Clusters of three that fly together and tell from three arrivals of a signal where it came from; a cluster counts as one satellite.

    They hear jammers and radars, in any weather, by day and night, under nets and trees. Refuses: tactical radios and all that is silent
    (never heard), the geometry of the three, bands and who else transmits, hills, and emitters that fall silent when a cluster comes.
    """

    elevation_deg: Annotated[float, Quantity("angle", at_least=0.0)] = 10.0
    """Least height of the cluster above the horizon. Assumption; it gives 3.9 passages a day of one cluster in a polar orbit at 48 N."""
    floor_w: Watts = 50.0
    """Only what radiates more is heard. Assumption: tactical radios radiate 5 to 50 W; range 20 to 200 W."""
    p_pass: Probability = 0.7
    """Chance that an emitter is located that transmits through a passage. Assumption, range 0.35 to 0.95."""
    duty: Probability = 1.0
    """Share of the time that an emitter is really on the air while it is in use. Assumption: 1 for jammers; 0.2 to 1 for radars."""
    error_m: PositiveMetres = 3 * KM
    """Standard deviation of the place, east and north. Assumption, range 0.5 to 10 km by type of signal; none is public."""
    p_classify: Probability = 0.7
    """Chance that a contact shows what it is, by its signal. Assumption, range 0.4 to 0.95."""
    p_attribute: Probability = 0.1
    """Chance that a contact shows who did it. Assumption, range 0 to 0.3: the error is as large as the distance from the line."""
    deliver: Spread | None = LogNormal(median_s=4 * HOUR, p90_s=8 * HOUR)
    """From heard to an alarm on the desk. Assumption, within 2 to 8 h."""
    false_alarms_per_look: NonNegative = 0.001
    """False alarms in one look at 50 km of line: other strong emitters. Assumption, range 0 to 0.01."""
    depth_m: PositiveMetres = 100 * KM
    """How far from the line emitters are asked for, on both sides. Assumption."""

    def limits_deg(self, stage: Stage) -> tuple[float, float]:
        """Hear all above a height over the horizon."""
        return 90.0, self.elevation_deg

    def tiles(self, stage: Stage) -> Tiles:
        """Cut the line into tiles as wide as the ground is deep."""
        return stage.once((self, "tiles"), lambda: self.cut(stage))

    def cut(self, stage: Stage) -> Tiles:
        """Return the tiles."""
        along = max(1, int(np.ceil(stage.line.length_m / TILE_M)))
        chainage_m = np.minimum((np.arange(along) + 0.5) * TILE_M, stage.line.length_m)
        x_m, y_m = stage.line.at(chainage_m, np.zeros(along))
        return Tiles(TILE_M, along, 1, chainage_m, np.zeros(along), x_m, y_m, self.depth_m)

    def p_look(self, targets: Targets) -> Floats:
        """Locate what is strong enough with the chance of a passage, if it is on the air."""
        return np.where(np.nan_to_num(targets.emitter_w) > self.floor_w, self.p_pass * self.duty, 0.0)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn also of a height that satellites hardly ever reach."""
        steep = [f"listens only above {self.elevation_deg:.0f} deg of elevation; 10 deg is customary"] if self.elevation_deg > 60.0 else []
        return super().concerns(stage) + steep
