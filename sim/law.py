"""Detection laws: how an eye of some kind perceives what it could see. Several kinds of sensor share them."""

from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import Discriminator

from sim.kinds import Bools, Floats
from sim.model import Model, Probability
from sim.scene import Targets
from sim.sky import JAMMED, MURK, NIGHT, STATES
from sim.units import HOUR, PerSecond, PositiveMetres, SquareMetresPerSecond

REFERENCE_SIZE_M = 2.3
"""Size of the target for which ranges are quoted. Source: STANAG 4347, NATO target of 2.3 m by 2.3 m."""


@dataclass(frozen=True, slots=True, eq=False)
class Perception:
    """What an eye makes of targets, wherever it is. Shapes (N,), the rate (N, STATES)."""

    range_m: Floats
    """How far off on the ground each can be seen, 0 where it cannot be."""
    rate_per_s: Floats
    """Exposure a second within that range, by state of the sky."""
    p_classify: Floats
    p_attribute: Floats


class DefiniteRange(Model):
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

    def focused(self, targets: Targets, height_m: float, radius_m: float) -> Perception:
        """See as ever: this law knows no area that is searched."""
        return self.perceive(targets, height_m)


class GlimpseRate(Model):
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

    def focused(self, targets: Targets, height_m: float, radius_m: float) -> Perception:
        """See as ever: this law knows no area that is searched."""
        return self.perceive(targets, height_m)


class Video(Model):
    """Day and infrared video under an operator's eyes: range by size of the target, rate by the area that an operator can search.

    It searches at random (Koopman) all the ground within the range of a standard vehicle: the exposure a second is the area searched a
    second over that area, for a target of any size; a small one is seen from less far. A longer range therefore reaches further and
    looks less often at each place: the search is limited by the operator, not by the optics. Source of the range: Johnson's criterion,
    range in proportion to size. Source of the search rate: 0.75 km2 footprint and 10 s dwell give 270 km2/h.
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

    def perceive(self, targets: Targets, height_m: float) -> Perception:
        """See by size, several pieces sooner than one; by night what is warm; not what is concealed, nor behind terrain and plants."""
        trace = np.isnan(targets.size_m)
        size_m = np.where(trace, targets.trace_m, targets.size_m)
        visible = (size_m > 0.0) & ~targets.hidden
        slant_m = np.where(visible, self.range_m * np.minimum(size_m / REFERENCE_SIZE_M, 1.5), 0.0)
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

    def area_m2(self, height_m: float) -> float:
        """Return the ground within the range of a standard vehicle from a height."""
        return float(np.pi * max(self.range_m**2 - height_m**2, 1.0))

    def by_sky(self, warm: Bools) -> Floats:
        """Return the factor on the rate by state of the sky. Shape (N, STATES)."""
        state = np.arange(STATES)
        at_night = np.where(warm[:, None], self.night, self.cold_night)
        factor = (
            np.where(state & NIGHT, at_night, 1.0) * np.where(state & MURK, self.murk, 1.0) * np.where(state & JAMMED, self.jammed, 1.0)
        )
        return np.asarray(factor)


Law = Annotated[DefiniteRange | GlimpseRate | Video, Discriminator("law")]
"""How a sensor detects: `definite_range` and `glimpse_rate` for textbook cases, `video` for a real camera."""


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
