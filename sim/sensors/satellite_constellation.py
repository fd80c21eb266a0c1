"""Satellites of one operator: optical or radar, tasked scene by scene or mapping a swath."""

import heapq
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple, Self

import numpy as np
from pydantic import Discriminator, Field, model_validator

from sim.errors import TrucelineError
from sim.kinds import Floats, Ints
from sim.law import REFERENCE_SIZE_M
from sim.live import Steps
from sim.model import Model, NonNegative, Positive, Probability
from sim.ops import Cue, Ops
from sim.physics.imaging import FIELDWORKS_SEEN, giqe5, off_nadir_geometry, p_task, sar_p_detect
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import STATES
from sim.units import DAY, HOUR, MINUTE, Degrees, PositiveMetres, Seconds, fault
from sim.watch import Sight, Stint, Track, stare

if TYPE_CHECKING:
    from sgp4.api import Satrec

LARGEST_TILE_M = 25_000.0
"""The ground is cut into tiles of at most this size; a pass is computed for a tile's middle. At 600 km a point 12 km from it is seen at up
to 1.2 deg other off-nadir, and up to 2 s earlier or later."""
BANDS = 3
"""Off-nadir angles are kept in this many equal bands; image quality is that of a band's middle."""
PASS_GAP_S = 10 * MINUTE
"""Looks of one satellite further apart than this belong to two passes."""
LOWEST_ORBIT_M = 150_000.0
EARTH_RADII_M, EQUATOR_M = 6_378_135.0, 6_378_137.0
"""Unit of length of SGP4 (WGS 72), and the equatorial radius from which altitudes count (WGS 84)."""
SCENE_S = 1.0
"""A satellite stands on a tile for this long, in which a look has its whole chance."""
LATEST_S = 20.0
"""A scene is taken at most this long after its best instant, when another one comes first. Assumption: half of a usual window."""
FIELDWORKS_M = 30.0
"""Extent from which a trace has the whole chance of fieldworks in a radar image; smaller ones have less in proportion. Assumption."""

NIIRS_VEHICLE, NIIRS_GROUP, NIIRS_TRACE = 4.5, 4.0, 4.0
"""Rating at which a vehicle, a group of three and more, or a trace of 5 m is found half of the time. Assumption; level 4 of the published
multispectral scale reads freshly dug positions from their scarring (IRARS)."""
NIIRS_CLASSIFY, NIIRS_ATTRIBUTE = 5.5, 6.5
"""Rating for the type and for the model of a vehicle. Assumption."""
TRACE_M = 5.0
BLURRED_MPS = 2.0
"""What moves faster is smeared out in a radar image. Assumption."""


class SunSynchronous(Model):
    """Planes that keep their local time."""

    pattern: Literal["sun_synchronous"]
    altitude_m: PositiveMetres
    """Semi-major axis less the equatorial radius."""
    local_times: Annotated[tuple[Annotated[float, Field(ge=0.0, lt=24.0)], ...], Field(min_length=1)]
    """Mean local time of the ascending node of each plane, in hours; a descending node at 10:30 is 22.5."""
    per_plane: Annotated[int, Field(ge=1, le=500)] = 1
    phasing: NonNegative = 1.0

    def records(self, epoch_s: float, stage: Stage) -> "list[Satrec]":
        """Return the satellites."""
        from sim.physics.orbit import sun_synchronous

        return sun_synchronous(self.altitude_m, self.local_times, self.per_plane, epoch_s, self.phasing)


class Walker(Model):
    """Evenly spread planes of one inclination."""

    pattern: Literal["walker"]
    altitude_m: PositiveMetres
    inclination_deg: Degrees
    planes: Annotated[int, Field(ge=1, le=200)]
    per_plane: Annotated[int, Field(ge=1, le=500)]
    phasing: NonNegative = 1.0
    node_deg: Degrees = 0.0
    """Right ascension of the first node."""

    def records(self, epoch_s: float, stage: Stage) -> "list[Satrec]":
        """Return the satellites."""
        from sim.physics.orbit import walker

        return walker(self.altitude_m, self.inclination_deg, self.planes, self.per_plane, self.phasing, epoch_s, self.node_deg)


class Elements(Model):
    """Orbits from a file of two-line elements or of orbit mean-elements messages (OMM)."""

    pattern: Literal["file"]
    file: str
    """Relative to the scenario; a name that ends in .tle or .txt holds two-line elements, any other OMM."""

    def records(self, epoch_s: float, stage: Stage) -> "list[Satrec]":
        """Return the satellites."""
        from sim.physics.orbit import from_omm, from_tle

        path = stage.folder / self.file
        try:
            text = path.read_text(encoding="utf-8")
            found = from_tle(text) if path.suffix in (".tle", ".txt") else from_omm(text)
        except OSError as fault:
            raise TrucelineError(f"{path}: the elements cannot be read ({fault.strerror}); 'file' is relative to the scenario") from None
        except ValueError as fault:
            raise TrucelineError(f"{path}: {fault}") from None
        return list(found.values())


class Optical(Model):
    """A camera: daylight, free of cloud, agile up to an angle off nadir."""

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


class Radar(Model):
    """A side-looking imaging radar: day and night, through cloud."""

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


class Looks(NamedTuple):
    """Every look that a constellation could take, in order of satellite and time. Shapes (N,)."""

    satellite: Ints
    tile: Ints
    at_s: Floats
    off_nadir_deg: Floats
    elevation_deg: Floats


class Tiles(NamedTuple):
    """The ground beside the line, cut into tiles along and across."""

    step_m: float
    along: int
    across: int
    chainage_m: Floats
    offset_m: Floats
    x_m: Floats
    y_m: Floats
    depth_m: float

    def of(self, chainage_m: Floats, offset_m: Floats) -> Ints:
        """Return the tile that each place lies in, -1 outside of all. Shape (N,)."""
        row = np.minimum((chainage_m // self.step_m).astype(np.int64), self.along - 1)
        column = np.floor((offset_m + self.depth_m) / (2 * self.depth_m / self.across)).astype(np.int64)
        return np.where(np.abs(offset_m) < self.depth_m, row * self.across + column, -1)


class SatelliteConstellation(Sensor, kind="satellite_constellation"):
    """Satellites whose passes are computed once; each pass yields a few scenes, requests first, then the ground unseen for longest."""

    orbit: Annotated[SunSynchronous | Walker | Elements, Discriminator("pattern")]
    instrument: Annotated[Optical | Radar, Discriminator("instrument")]
    scenes: Annotated[int, Field(ge=1)] | None = None
    """Scenes that a satellite takes of this line in a pass; without it, all that lies in its swath."""
    false_alarms_per_scene: NonNegative = 0.0
    """False alarms in one scene, before any analyst; they come beside those of `false_alarms`, which count seconds of imaging."""
    p_tasked: Probability = 0.3
    """Chance that a scene asked for is really taken: others ask too. Assumption, vary from 0.1 to 0.6."""
    lead_s: Seconds = 2 * HOUR
    """Requests that come later than this before a pass wait for the next."""
    request_life_s: Seconds = 1 * DAY
    """Requests older than this are dropped. Assumption."""
    depth_m: PositiveMetres = 30_000.0
    """How far from the line the ground is imaged, on both sides."""

    @model_validator(mode="after")
    def mapped(self) -> Self:
        """Refuse a radar without a number of scenes: it looks aside, so there is no swath below it that it could map."""
        if self.scenes is None and isinstance(self.instrument, Radar):
            raise fault("scenes", "a radar needs 'scenes', how many it takes of this line in a pass", at="instrument")
        return self

    @property
    def slips_per_s(self) -> float:
        """False alarms of one unit a second of imaging: a scene lasts `SCENE_S`."""
        return self.false_alarms_per_s + self.false_alarms_per_scene / SCENE_S

    def records(self, stage: Stage) -> "list[Satrec]":
        """Return the satellites as they stand at the start."""
        return stage.once((self.name, "records"), lambda: self.orbit.records(stage.start.timestamp(), stage))

    def units(self, stage: Stage) -> Sequence[int]:
        """Number the satellites plane by plane."""
        return range(len(self.records(stage)))

    def tiles(self, stage: Stage) -> Tiles:
        """Cut the ground beside the line into tiles of about a scene."""
        return stage.once((self.name, "tiles"), lambda: self.cut_tiles(stage))

    def cut_tiles(self, stage: Stage) -> Tiles:
        """Return the tiles, row by row along the line."""
        step_m = min(self.instrument.swath_m, LARGEST_TILE_M)
        along = max(1, int(np.ceil(stage.line.length_m / step_m)))
        across = max(1, round(2 * self.depth_m / step_m))
        row, column = np.divmod(np.arange(along * across), across)
        chainage_m = np.minimum((row + 0.5) * step_m, stage.line.length_m)
        offset_m = (column + 0.5) * (2 * self.depth_m / across) - self.depth_m
        x_m, y_m = stage.line.at(chainage_m, offset_m)
        return Tiles(step_m, along, across, chainage_m, offset_m, x_m, y_m, self.depth_m)

    def looks(self, stage: Stage) -> Looks:
        """Return every look that orbits, angles and daylight allow, from the cache if it has been computed before."""
        return stage.once((self.name, "looks"), lambda: self.cached_looks(stage))

    def cached_looks(self, stage: Stage) -> Looks:
        """Return the looks from the disk, or compute and keep them."""
        tiles, records = self.tiles(stage), self.records(stage)
        lon_deg, lat_deg = stage.line.to_lonlat(tiles.x_m, tiles.y_m)
        elements = np.array([[r.jdsatepoch, r.jdsatepochF, r.bstar, r.no_kozai, r.ecco, r.inclo, r.nodeo, r.argpo, r.mo] for r in records])
        content = [elements, lon_deg, lat_deg, np.array([stage.start.timestamp(), stage.horizon_s])]
        key = sha256(b"".join(part.tobytes() for part in content) + repr((self.instrument, self.scenes is None)).encode()).hexdigest()[:24]
        path = stage.cache / f"looks-{key}.npz" if stage.cache else None
        if path and path.exists():
            with np.load(path, allow_pickle=False) as kept:
                return Looks(*(kept[name] for name in Looks._fields))
        looks = self.compute_looks(records, lon_deg, lat_deg, stage)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(f".{id(looks)}.tmp")
            with draft.open("wb") as file:
                np.savez(file, **looks._asdict())
            draft.replace(path)
        return looks

    def compute_looks(self, records: "list[Satrec]", lon_deg: Floats, lat_deg: Floats, stage: Stage) -> Looks:
        """Find all windows over the tiles' middles."""
        from sim.physics.windows import passes, radar_passes

        begin_s = stage.start.timestamp()
        span = (records, lon_deg, lat_deg, begin_s, begin_s + stage.horizon_s)
        if isinstance(self.instrument, Optical):
            found = passes(*span, max_off_nadir_deg=self.limit_deg(self.instrument, stage))
            found = found.where(found.sun_deg >= self.instrument.sun_deg)
        else:
            side = {"left": 1, "right": -1, "both": 0}[self.instrument.side]
            found = radar_passes(*span, look_deg=(self.instrument.look_min_deg, self.instrument.look_max_deg), side=side)
        found = found.where(np.lexsort((found.point, found.closest_s, found.satellite)))
        return Looks(found.satellite, found.point, found.closest_s, found.off_nadir_deg, found.elevation_deg)

    def limit_deg(self, camera: Optical, stage: Stage) -> float:
        """Return how far off nadir a camera looks: as far as it turns, or only to the edge of its swath if it maps all that it passes."""
        half_deg = float(np.degrees(np.arctan(camera.swath_m / 2 / self.altitude_m(stage))))
        return camera.off_nadir_deg if self.scenes else min(camera.off_nadir_deg, half_deg)

    def altitude_m(self, stage: Stage) -> float:
        """Return the mean height of the orbits above the equatorial radius."""
        return float(np.mean([record.a for record in self.records(stage)])) * EARTH_RADII_M - EQUATOR_M

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Give each tile a track for each band of off-nadir angles."""
        return scene.stage.once((self.name, "tracks"), lambda: self.lay_tracks(scene))

    def lay_tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Return the tracks, tile by tile."""
        tiles = self.tiles(scene.stage)
        self.looks(scene.stage)
        return tuple(
            Track(np.array([[x_m, y_m]]), place_m, scene.sky.patch_of(place_m))
            for x_m, y_m, place_m in zip(tiles.x_m.tolist(), tiles.y_m.tolist(), tiles.chainage_m.tolist(), strict=True)
            for _ in range(BANDS)
        )

    def band_edges_deg(self, stage: Stage) -> Floats:
        """Return the edges of the bands of off-nadir angles. Shape (BANDS + 1,)."""
        if isinstance(self.instrument, Optical):
            return np.linspace(0.0, self.limit_deg(self.instrument, stage), BANDS + 1)
        return np.linspace(self.instrument.look_min_deg, self.instrument.look_max_deg, BANDS + 1)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See what lies in a tile while it is imaged, if the image is good enough and nothing stands in the way."""
        tile = self.tiles(scene.stage).of(targets.chainage_m, targets.offset_m)
        inside = np.flatnonzero(tile >= 0)
        edges_deg = self.band_edges_deg(scene.stage)
        parts = []
        for band in range(BANDS):
            p_detect, p_classify, p_attribute, elevation_deg = self.quality(
                targets.take(inside), float(edges_deg[band : band + 2].mean()), scene.stage
            )
            p_detect = np.where(elevation_deg > targets.mask_deg[inside], p_detect, 0.0)
            some = np.flatnonzero(p_detect > 0.0)
            rows = inside[some]
            with np.errstate(divide="ignore"):
                rate = -np.log1p(-p_detect[some])[:, None] * np.ones((1, STATES))
            parts.append(stare(rows, rate, tile[rows] * BANDS + band, p_classify[some], p_attribute[some], np.zeros(len(rows))))
        return Sight.join(parts)

    def quality(self, targets: Targets, off_nadir_deg: float, stage: Stage) -> tuple[Floats, Floats, Floats, float]:
        """Return the chances to detect, classify and attribute in one image, shapes (N,), and the satellite's elevation."""
        altitude_m = self.altitude_m(stage)
        geometry = off_nadir_geometry(altitude_m, off_nadir_deg)
        elevation_deg = 90.0 - float(geometry.incidence_deg)
        trace = np.isnan(targets.size_m)
        if isinstance(self.instrument, Radar):
            vehicle = (np.nan_to_num(targets.size_m) >= 2.0) & (np.nan_to_num(targets.rcs_m2) >= 1.0) & (targets.speed_mps < BLURRED_MPS)
            p_vehicle = float(sar_p_detect(self.instrument.resolution_m))
            p_trace = float(sar_p_detect(self.instrument.resolution_m, FIELDWORKS_SEEN))
            extent_m = np.nan_to_num(targets.trace_m) * np.sqrt(np.nan_to_num(targets.pieces, nan=1.0))
            p_detect = np.where(vehicle, p_vehicle, 0.0) + np.where(trace, p_trace * np.clip(extent_m / FIELDWORKS_M, 0.0, 1.0), 0.0)
            whole = np.ones(len(targets))
            return p_detect, self.instrument.p_classify * whole, self.instrument.p_attribute * whole, elevation_deg
        gsd_m = self.instrument.gsd_m * float(geometry.slant_m) / altitude_m
        niirs = float(giqe5(gsd_m, self.instrument.rer, self.instrument.snr, elevation_deg))
        size_m = np.where(trace, np.nan_to_num(targets.trace_m) * REFERENCE_SIZE_M / TRACE_M, np.nan_to_num(targets.size_m))
        visible = (size_m > 0.0) & ~targets.hidden
        required = np.where(trace, NIIRS_TRACE, np.where(np.nan_to_num(targets.pieces) >= 3.0, NIIRS_GROUP, NIIRS_VEHICLE))
        harder = np.log2(REFERENCE_SIZE_M / np.where(visible, size_m, REFERENCE_SIZE_M))
        p_detect = np.where(visible, p_task(niirs, required + harder), 0.0)
        return p_detect, p_task(niirs, NIIRS_CLASSIFY + harder), p_task(niirs, NIIRS_ATTRIBUTE + harder), elevation_deg

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Before each pass take the requests in reach, oldest first, fill up with the stalest ground, and image what is clear."""
        looks, tiles = self.looks(ops.scene.stage), self.tiles(ops.scene.stage)
        mine = np.flatnonzero(looks.satellite == unit)
        if not len(mine):
            return
        tile, at_s, off_deg = looks.tile[mine], looks.at_s[mine], looks.off_nadir_deg[mine]
        clear = np.ones(len(mine), dtype=bool)
        if isinstance(self.instrument, Optical):
            clear = ops.scene.sky.clear(tiles.chainage_m[tile], tiles.offset_m[tile], at_s, looks.elevation_deg[mine])
        number = np.cumsum((np.diff(at_s, prepend=at_s[0]) > PASS_GAP_S).astype(np.int64))
        taken = np.asarray(ops.dice("tasked", self.name).uniform(unit, tile, number)) < self.p_tasked
        edges_deg = self.band_edges_deg(ops.scene.stage)
        band = np.clip(np.searchsorted(edges_deg, off_deg, side="right") - 1, 0, BANDS - 1)
        shuffle = ops.dice("round", self.name).uniform(np.arange(len(tiles.x_m))).tolist()
        starts = np.flatnonzero(np.diff(number, prepend=-1))
        spoiled: list[tuple[float, int, float]] = []
        for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(mine)], strict=True):
            yield ops.until(max(0.0, float(at_s[first]) - self.lead_s))
            spoiled = forgotten(spoiled, ops)
            free_s = 0.0
            for look in self.chosen(range(first, last), tile, shuffle, ops, tiles):
                place, on_s = int(tile[look]), max(float(at_s[look]), free_s)
                if not taken[look] or on_s - float(at_s[look]) > LATEST_S:
                    continue
                free_s = on_s + SCENE_S
                if not clear[look]:
                    spoiled.append((on_s, place, ops.tasked.get(place, -np.inf)))
                else:
                    ops.post(Stint(unit, place * BANDS + int(band[look]), on_s, free_s))
                ops.tasked[place] = on_s

    def chosen(self, looks: range, tile: Ints, shuffle: list[float], ops: Ops, tiles: Tiles) -> list[int]:
        """Return the looks of a pass that are asked for."""
        if self.scenes is None or len(looks) <= self.scenes:
            return list(looks)
        places = tiles.of(np.array([cue.chainage_m for cue in ops.requests]), np.array([cue.offset_m for cue in ops.requests])).tolist()
        asked = [(cue, place) for cue, place in zip(ops.requests, places, strict=True) if self.still_wanted(cue, place, ops)]
        ops.requests[:] = [cue for cue, _ in asked]
        rank = {place: index - len(asked) for index, (_, place) in reversed(list(enumerate(asked)))}
        rows = [
            (rank.get(place, 0), ops.tasked.get(place, -np.inf), shuffle[place], look)
            for look, place in zip(looks, tile[looks].tolist(), strict=True)
        ]
        return sorted(row[-1] for row in heapq.nsmallest(self.scenes, rows))

    def still_wanted(self, cue: Cue, place: int, ops: Ops) -> bool:
        """Say whether a request is neither too old nor served by a scene that is taken or planned."""
        return ops.now_s - cue.t_s <= self.request_life_s and ops.tasked.get(place, -np.inf) <= cue.t_s

    def heed(self, cue: Cue, ops: Ops) -> float | None:
        """Note the request; whether and when a pass serves it is not known, so nobody is promised a look."""
        ops.requests.append(cue)
        return None

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of orbits in the air."""
        altitude_m = getattr(self.orbit, "altitude_m", LOWEST_ORBIT_M)
        if altitude_m < LOWEST_ORBIT_M:
            return [f"orbits at {altitude_m / 1000:,.0f} km; below 150 km no satellite stays up"]
        return []


def forgotten(spoiled: list[tuple[float, int, float]], ops: Ops) -> list[tuple[float, int, float]]:
    """Take back from the roster the scenes that turned out to be cloud by now; return those whose pass is still to come."""
    for at_s, place, before_s in spoiled:
        if at_s <= ops.now_s and ops.tasked[place] == at_s:
            ops.tasked[place] = before_s
    return [scene for scene in spoiled if scene[0] > ops.now_s]
