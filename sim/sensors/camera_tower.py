"""Cameras on masts along the line."""

import numpy as np

from sim.kinds import Floats
from sim.law import REFERENCE_SIZE_M, free_range_m
from sim.model import Probability
from sim.scene import Scene, Targets
from sim.sensors.sites import Sites
from sim.sky import MURK, NIGHT, STATES
from sim.units import HOUR, MINUTE, PositiveMetres, PositiveSeconds
from sim.watch import Sight, stare

FLASH_K = 200.0
"""Temperature contrast from which a target is seen as a flash. Assumption: between a hot engine and a muzzle flash."""
WIDEST_EDGES = 4.0
"""Beyond this many widths of its logistic edge a camera sees nothing worth counting (2 %)."""


class CameraTower(Sites, kind="camera_tower"):
    """Masts with day and thermal cameras beside the line."""

    mast_m: PositiveMetres = 20.0
    """Height of the camera above the ground. Assumption."""
    day_range_m: PositiveMetres = 5000.0
    """At which half of the vehicles are seen by day. Assumption, as 20 to 30 camera sites of the OSCE mission are pictured."""
    night_range_m: PositiveMetres = 3000.0
    """The same at night, for what is warm. Assumption."""
    flash_range_m: PositiveMetres = 10_000.0
    """At which half of muzzle flashes and explosions are seen at night; two fifths of it by day. Assumption."""
    edge_m: PositiveMetres = 700.0
    """Width of the logistic edge of these ranges. Assumption."""
    notice_s: PositiveSeconds = 5 * MINUTE
    """Mean time until an operator notices what the camera shows. Assumption."""
    availability: Probability = 0.85
    """Share of time that a mast works. Assumption."""
    repair_s: PositiveSeconds = 17.7 * HOUR
    """Mean time of repair. Source: OSCE spot report on a camera that was shot, 8 to 9 August 2017."""
    p_classify: Probability = 0.6
    """Chance that a contact shows what it is. Assumption."""
    p_attribute: Probability = 0.4
    """Chance that a contact shows who did it. Assumption."""

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """Notice what shows itself within the logistic edge of the camera's range and in free sight from the mast."""
        masts = self.places_m(scene)
        distance_m = np.hypot(targets.x_m[:, None] - masts[:, 0], targets.y_m[:, None] - masts[:, 1])
        furthest_m = max(self.day_range_m * 1.5, self.flash_range_m) + WIDEST_EDGES * self.edge_m
        shows = ~(np.isnan(targets.size_m) & np.isnan(targets.heat_k))
        row, mast = np.nonzero((distance_m <= furthest_m) & shows[:, None])
        near = scene.stage.masked(targets.take(row), (masts[mast, 0], masts[mast, 1], self.mast_m), furthest_m)
        free = distance_m[row, mast] <= free_range_m(self.mast_m + np.nan_to_num(near.height_m), near.mask_deg)
        row, mast = row[free], mast[free]
        chance = self.p_in_view(targets.take(row), distance_m[row, mast])
        some = np.flatnonzero(chance.max(axis=1, initial=0.0) > 0.0)
        row, mast = row[some], mast[some]
        p_classify, p_attribute = np.full(len(row), self.p_classify), np.full(len(row), self.p_attribute)
        return stare(row, chance[some] / self.notice_s, mast, p_classify, p_attribute, np.zeros(len(row)))

    def p_in_view(self, targets: Targets, distance_m: Floats) -> Floats:
        """Return the chance that a target shows on the screen, by state of the sky. Shape (N, STATES)."""
        state = np.arange(STATES)
        night, murk = (state & NIGHT) > 0, (state & MURK) > 0
        size = np.minimum(np.nan_to_num(targets.size_m) / REFERENCE_SIZE_M, 1.5)[:, None]
        warm = np.nan_to_num(targets.heat_k)[:, None]
        range_m = np.where(night, self.night_range_m * size * (warm > 0.0), self.day_range_m * size)
        flash_m = np.where(night, self.flash_range_m, 0.4 * self.flash_range_m)
        range_m = np.where(warm >= FLASH_K, np.maximum(range_m, flash_m), range_m) * np.where(murk, 0.2, 1.0)
        seen = 1.0 / (1.0 + np.exp(np.clip((distance_m[:, None] - range_m) / self.edge_m, -50.0, 50.0)))
        return np.where((range_m > 0.0) & (seen > 0.02), seen, 0.0)

    @property
    def sees_m(self) -> float:
        """How far half of the vehicles are seen by day."""
        return self.day_range_m
