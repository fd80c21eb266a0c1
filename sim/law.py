"""Detection laws: how an eye of some kind perceives what it could see. Several kinds of sensor share them."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import Discriminator, Field, model_validator

from sim.kinds import Bools, Floats, Ints
from sim.model import Model, Probability
from sim.physics.imaging import p_johnson
from sim.physics.radar import horizon_m, p_heading, scaled_range_m
from sim.physics.search import inverse_cube_sweep_m, operator_sweep_m, sweep_width_m
from sim.scene import Targets
from sim.sky import JAMMED, MURK, NIGHT, STATES
from sim.units import HOUR, MINUTE, MetresPerSecond, PerSecond, PositiveMetres, PositiveSeconds, SquareMetresPerSecond, fault

REFERENCE_SIZE_M = 2.3
"""Size of the target for which ranges are quoted. Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""
VEHICLE_M2 = 10.0
"""Radar cross-section for which a radar's range is quoted: 10 dB of 1 m2, a vehicle. Source: Tsunoda et al. 1999."""
MANY_CYCLES = 20.0
"""So many times the cycles that are needed make a task sure; more would only overflow."""


@dataclass(frozen=True, slots=True, eq=False)
class Perception:
    """What an eye makes of targets, wherever it is. Shapes (N,), the rate (N, STATES)."""

    range_m: Floats
    """How far off on the ground each can be seen, 0 where it cannot be."""
    rate_per_s: Floats
    """Exposure a second within that range, by state of the sky."""
    p_classify: Floats
    p_attribute: Floats
    delay_s: float = 0.0
    """From seen to known."""

    def take(self, rows: Ints) -> "Perception":
        """Return what it makes of some of the targets."""
        chances = self.p_classify[rows], self.p_attribute[rows]
        return Perception(self.range_m[rows], self.rate_per_s[rows], *chances, self.delay_s)


class Eye(Model, ABC):
    """What every law says: how targets are perceived from a height, at any distance within range."""

    @abstractmethod
    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """Return what is made of targets on a beat, where all the ground in range is watched."""

    def focused(self, targets: Targets, height_m: float, radius_m: float) -> Perception:
        """Return what is made of targets in a circle that alone is watched; here as ever, for most laws know no area."""
        return self.perceive(targets, height_m)

    @abstractmethod
    def sweep_m(self, height_m: float, speed_mps: float) -> float:
        """Return the sweep width of a straight flight over standard vehicles: lanes are laid so far apart."""

    @property
    def by_distance(self) -> bool:
        """Say whether anything depends on the distance within range."""
        return False

    def at(self, felt: Perception, targets: Targets, nearest_m: Floats, half_m: Floats) -> Perception:
        """Return what is made of targets that are passed on a straight way, or looked at from a stand, at known distances.

        Args:
            felt: What is made of them at any distance. N rows.
            targets: N rows.
            nearest_m: Least slant distance. Shape (N,).
            half_m: Half of the way on which each is in view, 0 from a stand. Shape (N,).
        """
        return felt


class DefiniteRange(Eye):
    """The cookie cutter: whatever can be seen is seen at once within the range, and never beyond.

    Source: B. O. Koopman's definite range law, as in Braga, An introduction to search theory, Naval Postgraduate School 1974.
    """

    law: Literal["definite_range"]
    range_m: PositiveMetres
    p_classify: Probability = 1.0
    p_attribute: Probability = 1.0

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """See all that shows itself in any way, in any weather."""
        shows = showing(targets)
        rate = np.where(shows[:, None], np.inf, 0.0) * np.ones((1, STATES))
        rate[~shows] = 0.0
        return Perception(
            np.where(shows, self.range_m, 0.0), rate, np.full(len(targets), self.p_classify), np.full(len(targets), self.p_attribute)
        )

    def sweep_m(self, height_m: float, speed_mps: float) -> float:
        """Return twice the range."""
        return 2.0 * self.range_m


class GlimpseRate(Eye):
    """Independent glimpses at a steady rate within the range: P = 1 - exp(-rate x time in view).

    Source: continuous looking in random search, Braga 1974.
    """

    law: Literal["glimpse_rate"]
    range_m: PositiveMetres
    rate_per_s: PerSecond
    p_classify: Probability = 1.0
    p_attribute: Probability = 1.0

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """Glimpse at all that shows itself in any way, in any weather."""
        shows = showing(targets)
        rate = np.where(shows, self.rate_per_s, 0.0)[:, None] * np.ones((1, STATES))
        return Perception(
            np.where(shows, self.range_m, 0.0), rate, np.full(len(targets), self.p_classify), np.full(len(targets), self.p_attribute)
        )

    def sweep_m(self, height_m: float, speed_mps: float) -> float:
        """Return the integral of 1 - exp(-rate x time in view) over the lateral distance."""
        lateral_m = np.linspace(-self.range_m, self.range_m, 401)
        in_view_s = 2.0 * np.sqrt(np.maximum(self.range_m**2 - lateral_m**2, 0.0)) / speed_mps
        return float(sweep_width_m(lateral_m, -np.expm1(-self.rate_per_s * in_view_s)))


class InverseCube(Eye):
    """The eye of an observer who looks all round: a glimpse is worth the solid angle of the target, which falls with the cube of distance.

    A straight pass at the lateral distance x finds a target with the chance 1 - exp(-2 k h / (v x^2)), cut at the range. The chance of a
    whole pass is exact, too small where the way ends within range of the target; within the pass the exposure is spread evenly, though
    most of it falls at the nearest point. Source: B. O. Koopman's inverse-cube law, as in Braga 1974.
    """

    law: Literal["inverse_cube"]
    range_m: PositiveMetres
    """Nothing is seen beyond this."""
    sweep_width_m: PositiveMetres
    """Sweep width measured at `speed`: 2 sqrt(2 pi k h / v)."""
    speed_mps: MetresPerSecond
    p_classify: Probability = 1.0
    p_attribute: Probability = 1.0

    @property
    def strength_m3ps(self) -> float:
        """The constant k h of eye and height."""
        return self.speed_mps * self.sweep_width_m**2 / (8.0 * np.pi)

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """See all that shows itself in any way, in any weather; here at the rate of the edge of the range."""
        shows = showing(targets)
        rate = np.where(shows, self.strength_m3ps / self.range_m**3, 0.0)[:, None] * np.ones((1, STATES))
        chances = np.full(len(targets), self.p_classify), np.full(len(targets), self.p_attribute)
        return Perception(np.where(shows, self.range_m, 0.0), rate, *chances)

    def sweep_m(self, height_m: float, speed_mps: float) -> float:
        """Return the sweep width at another speed."""
        return min(2.0 * self.range_m, float(inverse_cube_sweep_m(self.strength_m3ps / speed_mps)))

    @property
    def by_distance(self) -> bool:
        """Say that the rate depends on it."""
        return True

    def at(self, felt: Perception, targets: Targets, nearest_m: Floats, half_m: Floats) -> Perception:
        """See at the mean of k h / r^3 over the way in view, which is k h / (c^2 sqrt(c^2 + a^2)), c the least distance, a half the way."""
        nearest_m = np.maximum(nearest_m, 1.0)
        mean = self.strength_m3ps / (nearest_m**2 * np.hypot(nearest_m, half_m))
        return replace(felt, rate_per_s=np.where(felt.rate_per_s > 0.0, mean[:, None], 0.0))


class Video(Eye):
    """Day and infrared video under an operator's eyes: range by size of the target, rate by the area that an operator can search.

    It searches at random (Koopman) all the ground within the range of a standard vehicle: the exposure a second is the area searched a
    second over that area, for a target of any size; a small one is seen from less far. A longer range therefore reaches further and
    looks less often at each place: the search is limited by the operator, not by the optics. Source of the range: Johnson's criterion,
    range in proportion to size. Source of the search rate: 0.75 km2 footprint and 10 s dwell give 270 km2/h.

    What a contact shows is a constant chance, or follows Johnson's criteria at the distance that the pass has on average, where the ranges
    of `recognise` and `identify` are given. Refuses: the metric of targeting task performance (it needs the camera's blur and noise),
    loss of contrast along the sight (`visibility` cuts the range instead), thermal crossover.
    """

    law: Literal["video"] = "video"
    range_m: PositiveMetres
    """Slant range at which a vehicle of 2.3 m is detected on a clear day."""
    search_m2ps: SquareMetresPerSecond = 270e6 / HOUR
    """Area searched a second. Derived from 0.75 km2 footprint and 10 s dwell."""
    night: Probability = 0.8
    """Factor on the rate at night, for what is warm. Assumption (infrared range x 0.8)."""
    cold_night: Probability = 0.15
    """The same for what is not warm. Assumption."""
    murk: Probability = 0.2
    """Factor on the rate in fog or low cloud. Assumption: flying below cloud at short range."""
    jammed: Probability = 0.5
    """Factor on the rate under interference. Assumption: half of the area of a jammed sortie is lost."""
    p_classify: Probability = 0.75
    """Chance that a contact shows what it is: zoom within a third of the range. Assumption."""
    p_attribute: Probability = 0.6
    """Chance that a contact with an act shows who did it. Assumption."""
    p_attribute_trace: Probability = 0.2
    """The same for a trace, by crater or track analysis. Assumption."""
    recognise_m: PositiveMetres | None = None
    """Slant range at which half of the observers tell what a vehicle of 2.3 m is, instead of `p_classify`. Source of the curve: Johnson's
    criteria and their transfer function (Ratches et al. 2001); 3 cycles against 1 to detect make it a third of the range."""
    identify_m: PositiveMetres | None = None
    """The same for who it is, instead of `p_attribute` of an act; 6 cycles make it a sixth of the range."""
    visibility_m: PositiveMetres | None = None
    """Visual range of the air: the camera sees at most one and a half times as far. Assumption: the factor, for vehicles; fog is `murk`."""

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """See by size, several pieces sooner than one; by night what is warm; not what is concealed, nor behind terrain and plants."""
        trace = np.isnan(targets.size_m)
        size_m = np.where(trace, targets.trace_m, targets.size_m)
        visible = (size_m > 0.0) & ~targets.hidden
        slant_m = np.where(visible, np.minimum(self.range_m * seen_as(size_m, trace), self.through_air_m), 0.0)
        level_m = np.sqrt(np.maximum(slant_m**2 - height_m**2, 0.0))
        warm = np.nan_to_num(targets.heat_k) > 0.0
        pieces = np.minimum(np.nan_to_num(targets.pieces, nan=1.0), 10.0)
        rate = np.where(visible, self.search_m2ps * np.sqrt(pieces) / self.area_m2(height_m), 0.0)
        p_attribute = np.where(trace, self.p_attribute_trace, self.p_attribute)
        return Perception(
            np.minimum(level_m, free_range_m(height_m, targets.mask_deg)),
            rate[:, None] * self.by_sky(warm),
            np.full(len(targets), self.p_classify),
            p_attribute,
        )

    def focused(self, targets: Targets, height_m: float, radius_m: float) -> Perception:
        """See as a crew that was sent to a place and searches a circle round it, not all that is in reach."""
        wide = self.perceive(targets, height_m)
        share = max(self.area_m2(height_m) / (np.pi * radius_m**2), 1.0)
        return Perception(wide.range_m, wide.rate_per_s * share, wide.p_classify, wide.p_attribute)

    @property
    def through_air_m(self) -> float:
        """How far the air lets it see vehicles at all."""
        return np.inf if self.visibility_m is None else 1.5 * self.visibility_m

    def area_m2(self, height_m: float) -> float:
        """Return the ground within the range of a standard vehicle from a height."""
        return float(np.pi * max(min(self.range_m, self.through_air_m) ** 2 - height_m**2, 1.0))

    def sweep_m(self, height_m: float, speed_mps: float) -> float:
        """Return twice the range on the ground, or what the operator can look over, whichever is less."""
        level_m = np.sqrt(self.area_m2(height_m) / np.pi)
        return float(operator_sweep_m(level_m, 1.0, self.search_m2ps, 1.0, speed_mps))

    @property
    def by_distance(self) -> bool:
        """Say whether Johnson's criteria are asked for."""
        return self.recognise_m is not None or self.identify_m is not None

    def at(self, felt: Perception, targets: Targets, nearest_m: Floats, half_m: Floats) -> Perception:
        """Tell what it is, and who, by Johnson's cycles at the root mean square of the distance while in view."""
        size_m = np.where(np.isnan(targets.size_m), targets.trace_m, targets.size_m)
        vehicles = size_m / REFERENCE_SIZE_M / np.sqrt(np.maximum(nearest_m**2 + half_m**2 / 3.0, 1.0))
        p_classify, p_attribute = felt.p_classify, felt.p_attribute
        if self.recognise_m is not None:
            p_classify = p_johnson(np.minimum(self.recognise_m * vehicles, MANY_CYCLES))
        if self.identify_m is not None:
            p_attribute = np.where(np.isnan(targets.size_m), p_attribute, p_johnson(np.minimum(self.identify_m * vehicles, MANY_CYCLES)))
        return replace(felt, p_classify=p_classify, p_attribute=p_attribute)

    def by_sky(self, warm: Bools) -> Floats:
        """Return the factor on the rate by state of the sky. Shape (N, STATES)."""
        state = np.arange(STATES)
        at_night = np.where(warm[:, None], self.night, self.cold_night)
        factor = (
            np.where(state & NIGHT, at_night, 1.0) * np.where(state & MURK, self.murk, 1.0) * np.where(state & JAMMED, self.jammed, 1.0)
        )
        return np.asarray(factor)


Law = Annotated[DefiniteRange | GlimpseRate | InverseCube | Video, Discriminator("law")]
"""How a sensor detects: `definite_range`, `glimpse_rate` and `inverse_cube` for textbook cases, `video` for a real camera."""


class Gmti(Model):
    """A radar for ground targets that move (GMTI): scan after scan, until enough of them give a track.

    A scan hits with a chance that falls with the heading: only speed towards or away from the radar counts, and headings are evenly spread
    from scan to scan. Detection is the first hit of a track, known some scans later; the mean time to the track is that of the chain of
    hits, and the time before is without memory. What moves for fewer scans than a track needs has some chance where it has none. Night
    and murk do not count. Refuses: clutter, the blind strip under the aircraft, a tracker that joins what it lost.
    """

    range_m: PositiveMetres = 30_000.0
    """Slant range for a vehicle of 10 m2, and the far edge of the swath on either side. Source: Lynx, 30 km in rain (Tsunoda et al. 1999);
    what is larger is not followed further, what is smaller by the fourth root of its cross-section."""
    least_mps: MetresPerSecond = 6 * 1852 / 3600
    """Least speed along the sight that is told from the ground. Source: Lynx, 6 knots at 10 dB of 1 m2."""
    p_scan: Probability = 0.9
    """Chance of a hit in one scan of what moves fast enough and is in free sight. Assumption, range 0.7 to 0.95."""
    rescan_s: PositiveSeconds = 1 * MINUTE
    """From scan to scan of the same place. Assumption, range 20 to 120 s."""
    hits: Annotated[int, Field(ge=1, le=6)] = 3
    """Needed within `window` scans for a track. Assumption."""
    window: Annotated[int, Field(ge=1, le=6)] = 5
    jammed: Probability = 0.5
    """Factor on the rate under interference. Assumption: as for video, half of the area of a jammed sortie is lost."""
    p_classify: Probability = 0.2
    """Chance that a track shows what it is; civil traffic moves too. Assumption, range 0 to 0.5."""
    p_attribute: Probability = 0.2
    """Chance that it shows who, by where it came from. Assumption, range 0 to 0.5."""

    @model_validator(mode="after")
    def enough(self) -> Self:
        """Refuse more hits than scans."""
        if self.hits > self.window:
            raise fault("hits", "no window of so few scans holds so many hits", at="hits")
        return self

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """Follow what moves and has a radar cross-section, within its range, the horizon and free sight."""
        slant_m = np.minimum(scaled_range_m(self.range_m, targets.rcs_m2, VEHICLE_M2), self.range_m)
        level_m = np.sqrt(np.maximum(slant_m**2 - height_m**2, 0.0))
        level_m = np.minimum(level_m, horizon_m(height_m, np.maximum(targets.height_m, 0.0)))
        p_hit = np.where(level_m > 0.0, self.p_scan * p_heading(self.least_mps, np.nan_to_num(targets.speed_mps)), 0.0)
        rate = 1.0 / (self.rescan_s * (scans_to_track(p_hit, self.hits, self.window) - (self.hits - 1)))
        by_sky = np.where(np.arange(STATES) & JAMMED, self.jammed, 1.0)
        return Perception(
            np.where(p_hit > 0.0, np.minimum(level_m, free_range_m(height_m, targets.mask_deg)), 0.0),
            rate[:, None] * by_sky,
            np.full(len(targets), self.p_classify),
            np.full(len(targets), self.p_attribute),
            (self.hits - 1) * self.rescan_s,
        )


def scans_to_track(p_hit: Floats, hits: int, window: int) -> Floats:
    """Return how many scans it takes on average until some of the last ones were hits.

    Args:
        p_hit: Chance of a hit in one scan. Shape (N,).
        hits: Needed within the window.
        window: Number of scans that are looked back over.

    Returns:
        Mean number of scans, infinite where nothing is ever hit. Shape (N,).

    Source: M-of-N track initiation (Bar-Shalom and Li 1995); the first step of the chain that `sim.physics.radar.p_track` follows.
    Assumption: independent scans.

    >>> scans_to_track(np.array([0.0, 0.5, 1.0]), 1, 1).tolist(), scans_to_track(np.array([1.0]), 3, 5).tolist()
    ([inf, 2.0, 1.0], [3.0])
    """
    chances, where = np.unique(p_hit, return_inverse=True)
    p = chances[chances > 0.0]
    histories = 2 ** (window - 1)
    go_on = np.zeros((len(p), histories, histories))
    for seen in range(2 * histories):
        if seen.bit_count() < hits:
            go_on[:, seen // 2, seen % histories] += p if seen % 2 else 1.0 - p
    mean = np.full(len(chances), np.inf)
    mean[chances > 0.0] = np.linalg.solve(np.eye(histories) - go_on, np.ones((histories, 1)))[:, 0, 0]
    return np.asarray(mean[where.reshape(np.shape(p_hit))])


def seen_as(size_m: Floats, trace: Bools) -> Floats:
    """Return how far things are seen against a standard vehicle, by their size: at most half as far again, traces at most as far.

    Assumption: a crater or a scar is flat, and stands out less from the ground than a vehicle of its width.

    Args:
        size_m: Shape (N,).
        trace: Whether each is only what is left on the ground. Shape (N,).
    """
    return np.asarray(np.minimum(size_m / REFERENCE_SIZE_M, np.where(trace, 1.0, 1.5)))


def showing(targets: Targets) -> Bools:
    """Say which targets show themselves in any way at all. Shape (N,)."""
    silent = [
        np.isnan(column)
        for column in (targets.size_m, targets.heat_k, targets.rcs_m2, targets.sound_db, targets.emitter_w, targets.trace_m)
    ]
    return np.asarray(~np.all(silent, axis=0))


def free_range_m(height_m: Floats | float, mask_deg: Floats) -> Floats:
    """Return how far a target is in free sight from a height: where the sight slopes more steeply than terrain and plants hide.

    Args:
        height_m: Of the eye above the ground. Shape (N,) or one.
        mask_deg: Elevation angle below which the target is hidden. Shape (N,).

    Returns:
        Ground distance, infinite where nothing hides. Shape (N,).

    >>> free_range_m(3000.0, np.array([0.0, 17.0])).round().tolist()
    [inf, 9813.0]
    """
    slope = np.tan(np.radians(mask_deg))
    with np.errstate(divide="ignore"):
        return np.where(slope > 0.0, np.asarray(height_m) / np.where(slope > 0.0, slope, 1.0), np.inf)


INTERFERENCE_REACH_M = 20_000.0
"""How far an emitter of `INTERFERENCE_POWER_W` disturbs links and navigation of a flying drone, and so is noticed by it. Assumption,
within the kilometres to tens of kilometres that the OSCE mission reported from 2019 to 2021."""
INTERFERENCE_POWER_W = 100.0


def interference_reach_m(emitter_w: Floats) -> Floats:
    """Return how far emitters disturb drones: with the root of their power, 0 for silence. Shape (N,)."""
    return np.asarray(INTERFERENCE_REACH_M * np.sqrt(np.nan_to_num(emitter_w) / INTERFERENCE_POWER_W))


def interference(targets: Targets) -> Perception:
    """Feel emitters by the loss of one's own navigation or link: at once, in any weather, within kilometres only.

    Source of the poor attribution: a jammer can be anywhere within kilometres of the drone (OSCE SMM, 2019); 0.05 is an assumption.
    """
    reach_m = interference_reach_m(targets.emitter_w)
    rate = np.zeros((len(targets), STATES))
    rate[reach_m > 0.0] = np.inf
    return Perception(reach_m, rate, np.full(len(targets), 0.9), np.full(len(targets), 0.05))
