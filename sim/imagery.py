"""What an image from orbit shows: cameras by their rating on the NIIRS scale, imaging radars by resolution, incidence and comparison."""

from typing import Annotated, Literal, NamedTuple, TypeAlias

import numpy as np
from pydantic import Discriminator, Field

from sim.kinds import Bools, Floats
from sim.law import REFERENCE_SIZE_M
from sim.model import Model, Positive, Probability
from sim.physics.imaging import FIELDWORKS_SEEN, giqe5, off_nadir_geometry, p_task, sar_p_detect
from sim.scene import Targets
from sim.units import Degrees, PositiveMetres

BANDS = 3
"""Off-nadir angles are kept in this many equal bands; image quality is that of a band's middle."""
TRACE_M = 5.0
"""Extent of a trace that is rated like a vehicle of `REFERENCE_SIZE_M`. Assumption."""
GROUP = 3.0
"""Pieces from which targets count as a group. Assumption."""
FIELDWORKS_M = 30.0
"""Extent from which a trace has the whole chance of fieldworks in a radar image; smaller ones have less in proportion. Assumption."""
BLURRED_MPS = 2.0
"""What moves faster is smeared out in a radar image. Assumption."""
NETS = 0.5
"""Factor on a radar's chance for what is concealed from cameras: nets and trees hide less of it. Assumption, range 0.2 to 0.9."""
FULL_DEG, DEAD_DEG = (20.0, 45.0), (10.0, 75.0)
"""Incidences between which a radar does its best, and beyond which it shows nothing; in between its chance falls evenly.

Full performance from 20 to 45 deg is stated for TerraSAR-X (DLR); layover spoils steeper looks, shadow and weak echoes flatter ones.
Assumption: the fall, and where it ends; at 60 deg, which Umbra still offers, half is left."""
SMALLEST_M, WEAKEST_M2 = 2.0, 1.0
"""Size and radar cross-section below which nothing is picked out of a radar image. Assumption."""


class Image(NamedTuple):
    """What an image taken from one band of angles shows of targets. Shapes (N,)."""

    p_detect: Floats
    p_classify: Floats
    p_attribute: Floats
    by_change: Bools
    """Found only by comparison with an earlier image of the same geometry."""
    elevation_deg: float
    """Height of the satellite above the horizon of the place."""


class Needed(Model):
    """Rating on the NIIRS scale at which half of the analysts succeed."""

    vehicle: float = 4.5
    """To find a vehicle of 2.3 m. Assumption, range 4 to 5."""
    group: float = 4.0
    """To find three and more of them. Assumption; the published civil scale puts groups at level 4."""
    trace: float = 4.0
    """To find a trace of 5 m. Level 4 of the published multispectral scale reads freshly dug positions from their scarring (IRARS)."""
    classify: float = 5.5
    """To tell the type of a vehicle. Assumption, range 5 to 6."""
    attribute: float = 6.5
    """To tell its model, and so whose it is. Assumption, range 6 to 7."""


class Optical(Model):
    """A camera: daylight, free of cloud, agile up to an angle off nadir.

    P = Phi((NIIRS - needed) / 0.5) with the rating of the General Image Quality Equation 5; half the size costs one level. One image is
    enough: fresh scars show themselves. Refuses: haze, shadow, snow, low contrast, thermal cameras.
    """

    instrument: Literal["optical"]
    gsd_m: PositiveMetres
    """Ground sample distance at nadir."""
    swath_m: PositiveMetres
    off_nadir_deg: Degrees = 30.0
    sun_deg: Degrees = 10.0
    """Least height of the sun over the target. Assumption."""
    rer: Positive = 0.40
    snr: Positive = 30.0
    """Edge response and signal to noise. Assumption, within the range of NGA's GIQE 5 examples."""
    gsd_by_band_m: Annotated[tuple[PositiveMetres, ...], Field(min_length=BANDS, max_length=BANDS)] | None = None
    """Ground sample distance across the line of sight in each of the three bands, where it is known; else it grows with the distance."""
    needed: Needed = Needed()

    def shows(self, targets: Targets, altitude_m: float, off_nadir_deg: float, band: int) -> Image:
        """Rate the image, and ask of each target that shows itself whether that is enough for its size."""
        geometry = off_nadir_geometry(altitude_m, off_nadir_deg)
        elevation_deg = 90.0 - float(geometry.incidence_deg)
        gsd_m = self.gsd_by_band_m[band] if self.gsd_by_band_m else self.gsd_m * float(geometry.slant_m) / altitude_m
        niirs = float(giqe5(gsd_m, self.rer, self.snr, elevation_deg))
        trace = np.isnan(targets.size_m)
        size_m = np.where(trace, np.nan_to_num(targets.trace_m) * REFERENCE_SIZE_M / TRACE_M, np.nan_to_num(targets.size_m))
        visible = (size_m > 0.0) & ~targets.hidden
        single = np.where(np.nan_to_num(targets.pieces) >= GROUP, self.needed.group, self.needed.vehicle)
        harder = np.log2(REFERENCE_SIZE_M / np.where(visible, size_m, REFERENCE_SIZE_M))
        p_detect = np.where(visible, p_task(niirs, np.where(trace, self.needed.trace, single) + harder), 0.0)
        classify, attribute = self.needed.classify + harder, self.needed.attribute + harder
        return Image(p_detect, p_task(niirs, classify), p_task(niirs, attribute), np.zeros(len(targets), dtype=bool), elevation_deg)


class Radar(Model):
    """A side-looking imaging radar: day and night, through cloud; what moves is smeared.

    Vehicles stand out by themselves; traces are found by comparison with an earlier image of the same geometry. Refuses: moving targets,
    coherent change detection, weather, layover by single slopes and buildings.
    """

    instrument: Literal["radar"]
    resolution_m: PositiveMetres
    swath_m: PositiveMetres
    look_min_deg: Degrees = 15.0
    look_max_deg: Degrees = 45.0
    side: Literal["left", "right", "both"] = "both"
    p_classify: Probability = 0.3
    """Chance that a contact shows what it is. Assumption."""
    p_attribute: Probability = 0.05
    """Chance that a contact shows who did it. Assumption."""

    def shows(self, targets: Targets, altitude_m: float, off_nadir_deg: float, band: int) -> Image:
        """Show vehicles by resolution, traces by extent, both less where the incidence is steep or flat, or nets hang over them."""
        incidence_deg = float(off_nadir_geometry(altitude_m, off_nadir_deg).incidence_deg)
        trace = np.isnan(targets.size_m)
        still = targets.speed_mps < BLURRED_MPS
        vehicle = (np.nan_to_num(targets.size_m) >= SMALLEST_M) & (np.nan_to_num(targets.rcs_m2) >= WEAKEST_M2) & still
        extent_m = np.nan_to_num(targets.trace_m) * np.sqrt(np.nan_to_num(targets.pieces, nan=1.0))
        p_vehicle, p_fieldworks = float(sar_p_detect(self.resolution_m)), float(sar_p_detect(self.resolution_m, FIELDWORKS_SEEN))
        p_trace = p_fieldworks * np.clip(extent_m / FIELDWORKS_M, 0.0, 1.0)
        p_best = np.where(vehicle, p_vehicle, 0.0) + np.where(trace, p_trace, 0.0)
        whole = np.ones(len(targets))
        p_detect = p_best * float(by_incidence(incidence_deg)) * np.where(targets.hidden, NETS, 1.0)
        return Image(p_detect, self.p_classify * whole, self.p_attribute * whole, trace, 90.0 - incidence_deg)


Instrument: TypeAlias = Annotated[Optical | Radar, Discriminator("instrument")]
"""What a satellite carries: `optical` or `radar`."""


def by_incidence(incidence_deg: Floats | float) -> Floats:
    """Return the share of a radar's chance that is left at an incidence. Shape as given.

    Source and assumption: see `FULL_DEG`.

    >>> by_incidence(np.array([10.0, 15.0, 30.0, 60.0, 80.0])).tolist()
    [0.0, 0.5, 1.0, 0.5, 0.0]
    """
    angles, left = (DEAD_DEG[0], *FULL_DEG, DEAD_DEG[1]), (0.0, 1.0, 1.0, 0.0)
    return np.asarray(np.interp(incidence_deg, angles, left), dtype=np.float64)
