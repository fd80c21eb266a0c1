"""A radar that stands and follows what moves: what several kinds of sensor carry."""

from dataclasses import replace
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from sim.kinds import Bools, Floats
from sim.law import REFERENCE_SIZE_M, VEHICLE_M2, free_range_m
from sim.model import Model, Positive, Probability
from sim.physics.ellipse import ellipse_m
from sim.physics.exposure import exposure_of
from sim.physics.radar import EDGE, horizon_m, p_detect, p_heading, p_track, scaled_range_m
from sim.scene import Stage, Targets
from sim.sky import STATES
from sim.units import Degrees, MetresPerSecond, PositiveMetres, PositiveSeconds, fault
from sim.watch import Sight, stare

LEAST = 0.02
"""Chance of a hit below which nothing is counted: where the logistic edge ends."""
EDGES = float(np.log(1.0 / LEAST - 1.0))
"""Widths of the edge out to there: 3.9, so that all ends at 1.39 times the range for half."""
SUREST = 1.0 - 1e-12
"""Nothing is surer; keeps rates finite."""


class MovingTargetRadar(Model):
    """Scan after scan, hits from what moves; some hits within a few scans are a track, and a track is a find.

    A hit needs a radar cross-section, speed towards or away from the radar, and free sight over the 4/3 Earth and over terrain and
    plants; its chance falls with the distance by a logistic edge. Night, fog and interference with links do not count. A row of
    targets gives its track with the chance of M of N over all of its scans: exact for N and 2 N scans, by the steady hazard for others
    (within 0.02 from N scans on, for 3 of 5). Refuses: what stands, sounds, flashes or is fired (bullets, rockets, shells: that takes a
    weapon-locating radar), clutter maps, rain (at 4 mm/h an X-band radar loses some 8 % of 10 km by ITU-R P.838), jamming of the radar
    itself, and the gain by several pieces: a column counts as one vehicle, since its headings and its shadows are common.
    """

    range_m: PositiveMetres = 10_000.0
    """At which half of the scans hit what has the `reference` cross-section and moves straight towards it. Assumption, range 8 to 12 km:
    for a person; a vehicle of 10 m2 follows at 21 km, a quadcopter of 0.02 m2 at 4.5 km. Published for Squire Block 2: 12 km for a person,
    48 km for a tracked vehicle, 6 km for a small drone (Defenseworld, 2018); 48 km lies beyond the horizon of a mast of 10 m."""
    reference_m2: Positive = 0.5
    """Radar cross-section for which the range is given, in m2; others see with its fourth root. Assumption: a person, 0.5 to 1."""
    least_mps: MetresPerSecond = 0.5
    """Least speed along the sight that is told from the ground. Assumption, range 0.3 to 1: people on foot are what such radars are for."""
    most_mps: MetresPerSecond = 100.0
    """What is faster over the ground is not followed. Assumption, range 50 to 150: keeps vehicles, boats and slow drones."""
    beam_deg: Degrees = 10.0
    """Elevation of the upper edge of its beam; what flies above is not seen. Assumption, range 5 to 20."""
    scan_s: PositiveSeconds = 10.0
    """From scan to scan of the same place. Assumption, range 2 to 30 s."""
    p_scan: Probability = 0.9
    """Chance of a hit well within the range. Assumption, range 0.7 to 0.95."""
    hits: Annotated[int, Field(ge=1, le=10)] = 3
    """Needed within `window` scans for a track. Assumption: 3 of 5."""
    window: Annotated[int, Field(ge=1, le=10)] = 5
    """Scans that are looked back over. Assumption."""
    range_error_m: PositiveMetres = 15.0
    """Standard deviation of the place along the sight. Assumption, range 5 to 50."""
    bearing_deg: Annotated[Degrees, Field(gt=0.0)] = 0.5
    """The same across it, as an angle: 87 m at 10 km. Assumption, range 0.2 to 1."""
    p_classify: Probability = 0.3
    """Chance that a track shows what it is: Doppler tells walkers, wheels and tracks apart, no more. Assumption, 0.1 to 0.5."""
    p_attribute: Probability = 0.1
    """Chance that it shows who, by where it came from. Assumption, 0 to 0.3."""

    @model_validator(mode="after")
    def enough(self) -> Self:
        """Refuse more hits than scans, and speeds in the wrong order."""
        if self.hits > self.window:
            raise fault("hits", "no window of so few scans holds so many hits; make 'window' larger", at="hits")
        if self.least_mps >= self.most_mps:
            raise fault("speeds", "'least' is not below 'most'; no speed lies between them", at="least")
        return self

    def vehicle_m(self, antenna_m: float) -> float:
        """Return how far it sees a vehicle of 10 m2 and 2.3 m on open ground: half of its hits, or the horizon."""
        half_m, end_m = scaled_range_m(self.range_m, VEHICLE_M2, self.reference_m2), horizon_m(antenna_m, REFERENCE_SIZE_M)
        return float(np.minimum(half_m, end_m))

    def follows(self, targets: Targets) -> Bools:
        """Say which targets can be followed at all: they move, neither too slowly nor too fast, and reflect. Shape (N,)."""
        speed_mps = np.nan_to_num(targets.speed_mps)
        return np.asarray((speed_mps > self.least_mps) & (speed_mps <= self.most_mps) & (np.nan_to_num(targets.rcs_m2) > 0.0))

    def furthest_m(self, targets: Targets, antenna_m: float) -> Floats:
        """Return where the edge of the range ends, or the horizon of the target's top, or free sight. Shape (N,)."""
        height_m = np.nan_to_num(targets.height_m)
        edge_m = (1.0 + EDGE * EDGES) * scaled_range_m(self.range_m, targets.rcs_m2, self.reference_m2)
        horizon = horizon_m(antenna_m, height_m + np.nan_to_num(targets.size_m))
        return np.minimum(np.minimum(edge_m, horizon), free_range_m(antenna_m + height_m, targets.mask_deg))

    def p_hit(self, targets: Targets, distance_m: Floats, antenna_m: float) -> Floats:
        """Return the chance that one scan hits each target from a distance on the ground. Shapes (N,)."""
        half_m = scaled_range_m(self.range_m, targets.rcs_m2, self.reference_m2)
        above = np.nan_to_num(targets.height_m) - antenna_m > distance_m * np.tan(np.radians(self.beam_deg))
        in_reach = self.follows(targets) & ~above & (distance_m <= self.furthest_m(targets, antenna_m))
        chance = self.p_scan * p_detect(distance_m, half_m) * p_heading(self.least_mps, np.nan_to_num(targets.speed_mps))
        return np.where(in_reach, chance, 0.0)

    def rate_per_s(self, p_hit: Floats, lasts_s: Floats) -> Floats:
        """Return the exposure a second by which targets that last so long give a track: M of N over all of their scans. Shapes (N,)."""
        first, second = (exposure_of(p_track(p_hit, n, self.hits, self.window), SUREST) for n in (self.window, 2 * self.window))
        steady = np.maximum(second - first, first) / self.window
        rate = steady / self.scan_s + (first - self.window * steady) / lasts_s
        return np.where(lasts_s >= self.hits * self.scan_s, np.maximum(rate, 0.0), 0.0)

    def finds(self, targets: Targets, stage: Stage, places_m: Floats, antenna_m: float, sense: int = 0) -> Sight:
        """Return the sight of radars that stand.

        Args:
            targets: All of them.
            stage: Knows what hides them.
            places_m: Where the radars stand; their numbers are those of the tracks. Shape (U, 2).
            antenna_m: Height above the ground.
            sense: Which of their unit's senses they are.
        """
        follows = np.flatnonzero(self.follows(targets))
        some = targets.take(follows)
        east_m, north_m = some.x_m[:, None] - places_m[:, 0], some.y_m[:, None] - places_m[:, 1]
        distance_m = np.hypot(east_m, north_m)
        furthest_m = self.furthest_m(replace(some, mask_deg=0.0 * some.mask_deg), antenna_m)
        row, radar = np.nonzero(distance_m <= furthest_m[:, None])
        near = stage.masked(some.take(row), (places_m[radar, 0], places_m[radar, 1], antenna_m), furthest_m[row])
        rate = self.rate_per_s(self.p_hit(near, distance_m[row, radar], antenna_m), near.end_s - near.start_s)
        hit = np.flatnonzero(rate > 0.0)
        row, radar, whole = row[hit], radar[hit], np.ones(len(hit))
        across_m = distance_m[row, radar] * np.radians(self.bearing_deg)
        return stare(
            follows[row], rate[hit, None] * np.ones(STATES), radar, self.p_classify * whole, self.p_attribute * whole, 0.0 * whole,
            np.full(1, sense), ellipse_m(self.range_error_m, across_m, east_m[row, radar], north_m[row, radar]),
        )  # fmt: skip
