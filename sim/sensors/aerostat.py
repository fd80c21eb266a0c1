"""Tethered balloons with a camera, and a radar if wanted."""

import numpy as np

from sim.law import REFERENCE_SIZE_M, Law, Video
from sim.live import Steps
from sim.model import Probability
from sim.ops import Ops
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import works_s
from sim.sensors.moving_target_radar import MovingTargetRadar
from sim.sensors.sites import Sites
from sim.sky import JAMMED, STATES
from sim.units import HOUR, Metres, MetresPerSecond, PositiveMetres, Seconds
from sim.watch import Sight, Stint, stare
from sim.weather import Limits, Monthly

EYES, RADAR = 0, 1
"""Senses of a balloon's crew."""
LOWEST_M, HIGHEST_M = 100.0, 5000.0
"""Heights between which tethered balloons are known to stand; PTDS about 1 km (assumption), TARS 15,000 ft = 4.6 km (published)."""
STORM_MPS = 33.4
"""Wind that no tethered balloon is known to stand: 65 kt. Source: TARS."""


class Aerostat(Sites, kind="aerostat"):
    """Balloons on tethers, each over one place, that stay up for days until the wind or the weather brings them down.

    The defaults are a small balloon of the PTDS class; for the TARS class write `height: 4.6 km`, `wind: 65 kt` and a `radar` (published:
    flies 60 % of the time by weather, equipment works 98 %). Sight over terrain is that from its height; the operator's search is as
    slow as that of a drone over the same ground. Refuses: what stands behind cloud that is not `murk`, gusts and forecasts (a spell has
    one wind, and the crew brings it down in time), drift on the tether, refills of gas, being shot at.
    """

    height_m: PositiveMetres = 1000.0
    """Above the ground. Assumption for PTDS; published for TARS: 15,000 ft."""
    offset_m: Metres = 5000.0
    """Distance from the line, positive on side A. Assumption: out of reach of small arms and mortars."""
    detection: Law = Video(range_m=12_000.0, murk=0.0)
    """What its camera and operator see. Assumption: 12 km for a vehicle, range 8 to 20, and nothing through fog or low cloud, which it
    stands above. Its link runs down the tether: interference does not count, whatever this says."""
    radar: MovingTargetRadar | None = None
    """A radar for what moves, beside the camera; none without it."""
    wind_mps: MetresPerSecond = 40 * 1852 / HOUR
    """It is down while the wind at flight height is beyond this. Assumption for PTDS: 40 kt; published for TARS: 65 kt."""
    grounded: Monthly = (0.42, 0.40, 0.35, 0.30, 0.25, 0.22, 0.20, 0.20, 0.24, 0.30, 0.38, 0.42)
    """Share of time that other weather keeps it down: thunderstorms, gusts at the mast, ice. Assumption, +-0.1, shaped like the grounding
    of drones; with the time to go up it leaves two thirds of the year aloft, within 0.60 to 0.75 (TARS, published: 0.60 for weather)."""
    in_icing: bool = False
    """Whether it stays up where ice forms. Assumption."""
    rise_s: Seconds = 2 * HOUR
    """From fit weather, or from repair, until it watches again. Assumption, range 1 to 6 h."""
    availability: Probability = 0.98
    """Share of time that the equipment works. Source: TARS."""

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See from its place what the camera makes out from its height, and follow with the radar what moves."""
        places_m = self.places_m(scene)
        parts = [self.seen(number, x_m, y_m, targets, scene.stage) for number, (x_m, y_m) in enumerate(places_m.tolist())]
        if self.radar is not None:
            parts.append(self.radar.finds(targets, scene.stage, places_m, self.height_m, RADAR))
        return Sight.join(parts)

    def seen(self, balloon: int, x_m: float, y_m: float, targets: Targets, stage: Stage) -> Sight:
        """Return what the camera of one balloon makes out."""
        distance_m = targets.distance_m(x_m, y_m)
        near = np.flatnonzero(distance_m <= self.camera_m)
        some = stage.masked(targets.take(near), (x_m, y_m, self.height_m), self.camera_m)
        felt = self.detection.perceive(some, self.height_m)
        seen = np.flatnonzero((distance_m[near] <= felt.range_m) & (felt.range_m > 0.0))
        row, slant_m = near[seen], np.hypot(distance_m[near[seen]], self.height_m)
        told = self.detection.at(felt.take(seen), targets.take(row), slant_m, np.zeros(len(row)))
        rate = told.rate_per_s[:, np.arange(STATES) & ~JAMMED]
        track, delay_s = np.full(len(row), balloon), np.full(len(row), told.delay_s)
        return stare(row, rate, track, told.p_classify, told.p_attribute, delay_s, np.full(1, EYES))

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Stay up while the weather is fit and the equipment works; after each time on the ground it takes a while to go up."""
        sky, patch = ops.scene.sky, ops.patch(unit)
        for works_from_s, works_to_s in works_s(unit, self.availability, self.repair_s, ops.dice("outage", self.name), ops.scene.horizon_s):
            down_s = works_from_s
            while (fit_s := sky.fit_from(patch, self.limits, down_s)) < works_to_s:
                down_s = min(sky.fit_until(patch, self.limits, fit_s), works_to_s)
                ops.post(Stint(unit, unit, fit_s + (self.rise_s if fit_s > 0.0 else 0.0), down_s))
                yield ops.until(down_s)

    @property
    def limits(self) -> Limits:
        """What keeps it on the ground."""
        return Limits(self.grounded, self.wind_mps, self.in_icing)

    @property
    def camera_m(self) -> float:
        """How far its camera can make out anything at all, from where it stands."""
        return 1.5 * self.detection.range_m

    @property
    def sees_m(self) -> float:
        """How far it sees a standard vehicle on open ground, with the camera or the radar."""
        vehicle = Targets.blank(1)
        vehicle.size_m[:] = REFERENCE_SIZE_M
        by_radar = self.radar.vehicle_m(self.height_m) if self.radar else 0.0
        return max(float(self.detection.perceive(vehicle, self.height_m).range_m[0]), by_radar)

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of heights and winds that no tethered balloon is known for, and of a camera that does not reach the ground."""
        found = super().concerns(stage)
        if not LOWEST_M <= self.height_m <= HIGHEST_M:
            found.append(f"stands {self.height_m:,.0f} m high; tethered balloons stand between {LOWEST_M:,.0f} and {HIGHEST_M:,.0f} m")
        if self.wind_mps > STORM_MPS + 0.1:
            found.append(f"stays up in {self.wind_mps:,.0f} m/s of wind; the strongest is known to come down at 33 m/s (65 kt)")
        if self.sees_m == 0.0:
            found.append("its camera does not reach from its height to the ground")
        return found
