"""Satellites of one operator: optical or radar, tasked scene by scene or mapping a swath."""

from collections.abc import Sequence
from math import hypot, sqrt
from typing import TYPE_CHECKING, Annotated, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from sim import orbits
from sim.clock import up
from sim.imagery import BANDS, Instrument, Optical, Radar
from sim.kinds import Bools, Floats, Ints
from sim.live import Steps
from sim.model import NonNegative, Probability
from sim.ops import Cue, Ops
from sim.orbits import Orbit
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import STATES
from sim.tiles import Ledger, Tiles, cut_tiles
from sim.units import DAY, HOUR, MINUTE, PositiveMetres, PositiveSeconds, Seconds, fault
from sim.watch import Sight, Stint, Track, stare

if TYPE_CHECKING:
    from sgp4.api import Satrec

    from sim.physics.windows import Windows

PASS_GAP_S = 10 * MINUTE
"""Looks of one satellite further apart than this belong to two passes."""
LOOK_S = 1.0
"""A satellite stands on a tile for this long, in which a look has its whole chance."""
LATEST_S = 20.0
"""A scene is taken at most this long after its best instant, when another one comes first: a radar at 600 km then squints by 11 deg.
Assumption: half of a usual window of a camera."""
SLEWED_M = 200_000.0
"""Way on the ground that `slew_s` is for. Source: Pleiades turns by 200 km in 11 s, settling included (Airbus)."""
DELAYS = 4
"""Waits for a ground station are told apart in this many classes of equal number; each has its mean."""


class Looks(NamedTuple):
    """Every look that a constellation could take, in order of satellite and time. Shapes (N,)."""

    satellite: Ints
    tile: Ints
    at_s: Floats
    """When it is best."""
    latest_s: Floats
    """Until when it can be taken."""
    off_nadir_deg: Floats
    elevation_deg: Floats
    side: Ints


class Pass(NamedTuple):
    """The looks of one satellite that passes the line."""

    tell_s: float
    """Until when it can be told what to take."""
    unit: int
    looks: slice


class Timetable(NamedTuple):
    """What replications share: the passes in the order in which they are told, and for each look (N,) what it is called."""

    passes: list[Pass]
    name: Ints
    """Names the throw whether the look is taken when it is asked for."""
    geometry: Ints
    """Tile, band and whether it looks to the left of a satellite that goes north, or the other way."""
    track: Ints
    """On which it is posted if it is the first of its geometry."""
    delay_s: Floats
    """Wait for a ground station, by class. Shape (C,)."""


class SatelliteConstellation(Sensor, kind="satellite_constellation"):
    """Satellites whose passes are computed once; each pass yields a few scenes, requests first, then the ground unseen for longest.

    One desk tasks all of them. Refuses: power and memory on board, strips that must hang together, repeat tracks that are held by
    manoeuvres, and images from before the run.
    """

    orbit: Orbit
    instrument: Instrument
    scenes: Annotated[int, Field(ge=1)] | None = None
    """Scenes that a satellite takes of this line in a pass; without it and `strip`, all in its swath, or within its look angles."""
    strip_m: PositiveMetres | None = None
    """The same as a length of strip, as long as all its scenes together."""
    scene_s: PositiveSeconds | None = None
    """How long a scene takes; without it, as long as the satellite needs to fly over it."""
    slew_s: Seconds = 11.0
    """How long it turns between scenes 200 km apart; other ways take as the root of the length (assumption: limited by torque).
    Source: Pleiades (Airbus); large and old satellites need three times as long (assumption)."""
    for_cues: Probability = 1.0
    """Share of a pass that requests may take; the ground unseen for longest gets the rest, and what requests leave. Assumption."""
    false_alarms_per_scene: NonNegative = 0.0
    """False alarms in one scene, before any analyst; they come beside those of `false_alarms`, which count seconds of imaging."""
    p_tasked: Probability = 0.3
    """Chance that a scene asked for is really taken: others ask too. Assumption, vary from 0.1 to 0.6. Who maps all takes all."""
    lead_s: Seconds = 2 * HOUR
    """Requests that come later than this before a pass wait for the next."""
    request_life_s: Seconds = 1 * DAY
    """Requests older than this are dropped. Assumption."""
    stations: tuple[str, ...] = ()
    """Bases with a ground station: an image waits for the next one that its satellite passes, and then `deliver` begins. Without them
    `deliver` holds it all."""
    depth_m: PositiveMetres = 30_000.0
    """How far from the line the ground is imaged, on both sides."""

    @model_validator(mode="after")
    def counted_once(self) -> Self:
        """Refuse a capacity that is given twice."""
        if self.scenes is not None and self.strip_m is not None:
            raise fault("twice", "'scenes' and 'strip' both say how much a pass yields; keep one", at="strip")
        return self

    @property
    def slips_per_s(self) -> float:
        """False alarms of one unit a second of imaging: a scene lasts `LOOK_S`."""
        return self.false_alarms_per_s + self.false_alarms_per_scene / LOOK_S

    @property
    def maps(self) -> bool:
        """Whether it takes all that it passes."""
        return self.scenes is None and self.strip_m is None

    def units(self, stage: Stage) -> Sequence[int]:
        """Number the satellites plane by plane."""
        return range(len(self.records(stage)))

    def records(self, stage: Stage) -> "list[Satrec]":
        """Return the satellites as they stand at the start."""
        return orbits.records(stage, self.name, self.orbit)

    # Where: tiles, looks and tracks

    def tiles(self, stage: Stage) -> Tiles:
        """Cut the ground beside the line into tiles of about a scene."""
        return stage.once((self, "tiles"), lambda: cut_tiles(stage, self.instrument.swath_m, self.depth_m))

    def looks(self, stage: Stage) -> Looks:
        """Return every look that orbits, angles and daylight allow."""
        return stage.once((self, "looks"), lambda: self.all_looks(stage))

    def all_looks(self, stage: Stage) -> Looks:
        """Return the looks at the middle of each tile."""
        tiles = self.tiles(stage)
        found = self.windows_over(stage, *stage.line.to_lonlat(tiles.x_m, tiles.y_m))
        latest_s = found.closest_s + LATEST_S
        if isinstance(self.instrument, Optical):
            latest_s = np.minimum(latest_s, found.end_s)
        return Looks(found.satellite, found.point, found.closest_s, latest_s, found.off_nadir_deg, found.elevation_deg, found.side)

    def windows_over(self, stage: Stage, lon_deg: Floats, lat_deg: Floats) -> "Windows":
        """Return the windows in which orbits, angles and daylight allow a look, from the disk if they have been computed before."""
        limits = self.limits(stage)

        def search(satellites: "Sequence[Satrec]", lon: Floats, lat: Floats, begin_s: float, end_s: float) -> "Windows":
            from sim.physics.windows import passes, radar_passes

            span = (satellites, lon, lat, begin_s, end_s)
            if isinstance(self.instrument, Optical):
                return passes(*span, max_off_nadir_deg=limits[1], min_sun_deg=self.instrument.sun_deg)
            return radar_passes(*span, look_deg=limits, side={"left": 1, "right": -1, "both": 0}[self.instrument.side])

        told = f"optical, sun {self.instrument.sun_deg}" if isinstance(self.instrument, Optical) else f"radar, {self.instrument.side}"
        return orbits.kept_windows(stage, self.records(stage), lon_deg, lat_deg, f"{told}, {limits}", search)

    def limits(self, stage: Stage) -> tuple[float, float]:
        """Return the angles off nadir within which it looks: a camera that maps all that it passes only to the edge of its swath."""
        if isinstance(self.instrument, Radar):
            return self.instrument.look_min_deg, self.instrument.look_max_deg
        half_deg = float(np.degrees(np.arctan(self.instrument.swath_m / 2 / self.altitude_m(stage))))
        return 0.0, min(self.instrument.off_nadir_deg, half_deg) if self.maps else self.instrument.off_nadir_deg

    def altitude_m(self, stage: Stage) -> float:
        """Return the mean height of the orbits above the equatorial radius."""
        return orbits.altitude_m(self.records(stage))

    @property
    def memories(self) -> int:
        """Tracks of one tile and band: a radar has one for the first image of a geometry, and one for those that can be compared."""
        return 2 if isinstance(self.instrument, Radar) else 1

    @property
    def delays(self) -> int:
        """Classes of waits for a ground station."""
        return DELAYS if self.stations else 1

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Give each tile a track for each band of off-nadir angles, first or again, and class of delay."""
        return scene.stage.once((self, "tracks"), lambda: self.lay_tracks(scene))

    def lay_tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Return the tracks, tile by tile."""
        tiles = self.tiles(scene.stage)
        self.timetable(scene.stage)
        return tuple(
            track
            for x_m, y_m, place_m in zip(tiles.x_m.tolist(), tiles.y_m.tolist(), tiles.chainage_m.tolist(), strict=True)
            for track in [Track(np.array([[x_m, y_m]]), place_m, scene.sky.patch_of(place_m))] * (BANDS * self.memories * self.delays)
        )

    # When: passes

    def timetable(self, stage: Stage) -> Timetable:
        """Return the passes and what is known of every look before any replication."""
        return stage.once((self, "timetable"), lambda: self.make_timetable(stage))

    def make_timetable(self, stage: Stage) -> Timetable:
        """Return the timetable."""
        looks = self.looks(stage)
        apart = (np.diff(looks.satellite, prepend=-1) != 0) | (np.diff(looks.at_s, prepend=0.0) > PASS_GAP_S)
        first = np.flatnonzero(apart)
        which = np.cumsum(apart) - 1
        unit, begin_s = looks.satellite[first], looks.at_s[first]
        number = np.arange(len(first)) - np.searchsorted(unit, unit)  # of the satellite's own passes
        tell_s = np.maximum(up(begin_s - self.lead_s), 0.0)
        rows = map(slice, first.tolist(), [*first[1:].tolist(), len(apart)])
        passes = [Pass(*each) for each in zip(tell_s.tolist(), unit.tolist(), rows, strict=False)]
        band = np.searchsorted(self.band_edges_deg(stage)[1:-1], looks.off_nadir_deg, side="right")
        place = looks.tile * BANDS + band
        ahead = orbits.going_north(self.records(stage), unit, stage.start.timestamp() + begin_s)[which] if self.memories > 1 else 1
        waits, delay_s = self.waits_for_stations(stage, looks)
        return Timetable(
            [passes[index] for index in np.lexsort((unit, begin_s, tell_s)).tolist()],
            (looks.satellite * 1_000_000 + number[which]) * 1_000_000 + looks.tile,
            place * 2 + (looks.side * ahead > 0),
            place * self.memories * self.delays + waits,
            delay_s,
        )

    def waits_for_stations(self, stage: Stage, looks: Looks) -> tuple[Ints, Floats]:
        """Return the class of each look's wait for a ground station, shape (N,), and the mean wait of each class, shape (C,)."""
        if not self.stations:
            return np.zeros(len(looks.at_s), dtype=np.int64), np.zeros(1)
        contacts = orbits.contacts(stage, self.name, self.records(stage), self.stations)
        wait_s = np.empty(len(looks.at_s))
        for satellite in range(len(self.records(stage))):
            mine, his = looks.satellite == satellite, contacts.satellite == satellite
            wait_s[mine] = orbits.until_contact(looks.at_s[mine], contacts.start_s[his], contacts.end_s[his], stage.horizon_s)
        edges_s = np.quantile(wait_s, np.arange(1, DELAYS) / DELAYS) if len(wait_s) else np.zeros(DELAYS - 1)
        waits = np.searchsorted(edges_s, wait_s)
        count = np.bincount(waits, minlength=DELAYS)
        return waits, np.bincount(waits, weights=wait_s, minlength=DELAYS) / np.maximum(count, 1)

    # What is seen

    def band_edges_deg(self, stage: Stage) -> Floats:
        """Return the edges of the bands of off-nadir angles. Shape (BANDS + 1,)."""
        return np.linspace(*self.limits(stage), BANDS + 1)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        """See what lies in a tile while it is imaged, if the image is good enough and nothing stands in the way."""
        stage = scene.stage
        tile = self.tiles(stage).of(targets.chainage_m, targets.offset_m)
        inside = np.flatnonzero(tile >= 0)
        near, place = targets.take(inside), tile[inside] * BANDS
        edges_deg, altitude_m = self.band_edges_deg(stage), self.altitude_m(stage)
        delay_s, used = self.timetable(stage).delay_s, self.used(stage)
        parts = []
        for band in range(BANDS):
            image = self.instrument.shows(near, altitude_m, float(edges_deg[band : band + 2].mean()), band)
            seen = (image.p_detect > 0.0) & (image.elevation_deg > near.mask_deg)
            with np.errstate(divide="ignore"):
                exposure = -np.log1p(-image.p_detect)
            for memory in range(self.memories):
                shown = seen & ~image.by_change if self.memories > 1 and memory == 0 else seen
                for late in range(self.delays):
                    track = ((place + band) * self.memories + memory) * self.delays + late
                    some = np.flatnonzero(shown & used[track])
                    rate = exposure[some, None] * np.ones((1, STATES))
                    waits_s = np.full(len(some), delay_s[late])
                    parts.append(stare(inside[some], rate, track[some], image.p_classify[some], image.p_attribute[some], waits_s))
        return Sight.join(parts)

    def used(self, stage: Stage) -> Bools:
        """Return which tracks any look could be posted on. Shape (tracks,)."""
        return stage.once((self, "used"), lambda: self.mark_used(stage))

    def mark_used(self, stage: Stage) -> Bools:
        """Return the marks."""
        track = self.timetable(stage).track
        used = np.zeros(len(self.tiles(stage).x_m) * BANDS * self.memories * self.delays, dtype=bool)
        for memory in range(self.memories):
            used[track + memory * self.delays] = True
        return used

    # Tasking

    def operate(self, unit: int, ops: Ops) -> Steps:
        """Before each pass take the requests in reach, fill up with the stalest ground, and image what is clear; one desk tasks all."""
        if unit != 0:
            return
        looks, timetable, tiles = self.looks(ops.scene.stage), self.timetable(ops.scene.stage), self.tiles(ops.scene.stage)
        granted = np.ones(len(looks.tile), dtype=bool)
        if not self.maps:
            granted = ops.dice("tasked", self.name).uniform(timetable.name) < self.p_tasked
        clear = self.free_of_cloud(granted, looks, ops)
        scene_s, shuffle = self.taking_s(ops.scene.stage), ops.dice("round", self.name).uniform(np.arange(len(tiles.x_m)))
        ledger = Ledger(shuffle - 1.0, np.zeros(2 * BANDS * len(tiles.x_m), dtype=bool))
        for each in timetable.passes:
            if self.cued_by:
                yield ops.until(each.tell_s)
            ledger.forget(each.tell_s)
            rows = self.chosen(each, looks.tile, tiles, ledger, ops)
            for row, on_s in self.shot(rows[granted[rows]], looks, tiles, scene_s):
                tile = int(looks.tile[row])
                if clear[row]:
                    ops.post(Stint(each.unit, self.track_of(row, timetable, ledger), on_s, on_s + LOOK_S))
                else:
                    ledger.spoiled.append((on_s, tile, float(ledger.last_s[tile])))
                ledger.last_s[tile] = on_s

    def free_of_cloud(self, granted: Bools, looks: Looks, ops: Ops) -> Bools:
        """Return for each look whether it would see the ground; of those that are not granted nobody asks. Shape (N,)."""
        if isinstance(self.instrument, Radar):
            return granted
        tiles, rows = self.tiles(ops.scene.stage), np.flatnonzero(granted)
        tile, clear = looks.tile[rows], np.zeros(len(granted), dtype=bool)
        clear[rows] = ops.scene.sky.clear(tiles.chainage_m[tile], tiles.offset_m[tile], looks.at_s[rows], looks.elevation_deg[rows])
        return clear

    def capacity(self, tiles: Tiles) -> int:
        """Return how many scenes a pass yields at most."""
        if self.strip_m is not None:
            return max(1, int(self.strip_m // tiles.step_m))
        return self.scenes or len(tiles.x_m)

    def chosen(self, each: Pass, tile: Ints, tiles: Tiles, ledger: Ledger, ops: Ops) -> Ints:
        """Return the looks of a pass that are asked for, in order of time: requests up to their share, then the stalest tiles."""
        here = tile[each.looks]
        capacity = self.capacity(tiles)
        if self.maps or len(here) <= capacity:
            return np.arange(each.looks.start, each.looks.stop)
        stale_s = ledger.last_s[here]
        if ops.requests:
            stale_s[self.asked(here, tiles, ledger, ops)[: round(self.for_cues * capacity)]] = -np.inf
        stalest = np.argpartition(stale_s, capacity)[:capacity]
        return np.asarray(np.sort(stalest) + each.looks.start)

    def asked(self, here: Ints, tiles: Tiles, ledger: Ledger, ops: Ops) -> list[int]:
        """Drop the requests that are too old, out of reach or served; return which tiles of a pass the others ask for.

        A scene that is only planned serves a request for the time being: it may turn out to be cloud.
        """
        places = tiles.of(np.array([cue.chainage_m for cue in ops.requests]), np.array([cue.offset_m for cue in ops.requests])).tolist()
        wanted = [
            (cue, place)
            for cue, place in zip(ops.requests, places, strict=True)
            if place >= 0 and ops.now_s - cue.t_s <= self.request_life_s and not cue.t_s < ledger.last_s[place] <= ops.now_s
        ]
        ops.requests[:] = [cue for cue, _ in wanted]
        position = {place: index for index, place in enumerate(here.tolist())}
        open_ = dict.fromkeys(place for cue, place in wanted if ledger.last_s[place] <= cue.t_s)
        return [position[place] for place in open_ if place in position]

    def shot(self, rows: Ints, looks: Looks, tiles: Tiles, scene_s: float) -> list[tuple[int, float]]:
        """Return which looks of a pass are taken and when: one after the other at its best instant, or once the satellite has turned."""
        tile = looks.tile[rows]
        columns = (rows, looks.at_s[rows], looks.latest_s[rows], tiles.x_m[tile], tiles.y_m[tile])
        taken: list[tuple[int, float]] = []
        free_s, from_x, from_y = -np.inf, 0.0, 0.0
        for row, at_s, latest_s, x_m, y_m in zip(*(column.tolist() for column in columns), strict=True):
            on_s = at_s
            if taken:
                on_s = max(at_s, free_s if self.maps else free_s + self.slew_s * sqrt(hypot(x_m - from_x, y_m - from_y) / SLEWED_M))
            if on_s > latest_s and not self.maps:
                continue
            taken.append((row, on_s))
            free_s, from_x, from_y = on_s + (LOOK_S if self.maps else scene_s), x_m, y_m
        return taken

    def taking_s(self, stage: Stage) -> float:
        """Return how long a scene takes; without a word, as long as the point below needs to cross a tile."""
        crossed_s = self.tiles(stage).step_m / orbits.below_mps(self.altitude_m(stage))
        return max(LOOK_S, crossed_s if self.scene_s is None else self.scene_s)

    def track_of(self, row: int, timetable: Timetable, ledger: Ledger) -> int:
        """Return the track that a look is posted on: for a radar another one once there is an image to compare with."""
        track = int(timetable.track[row])
        if self.memories > 1:
            geometry = timetable.geometry[row]
            track += self.delays * int(ledger.imaged[geometry])
            ledger.imaged[geometry] = True
        return track

    def heed(self, cue: Cue, ops: Ops) -> float | None:
        """Note the request; whether and when a pass serves it is not known, so nobody is promised a look."""
        if not self.maps:
            ops.requests.append(cue)
        return None

    def concerns(self, stage: Stage) -> list[str]:
        """Warn of orbits in the air, of elements of another time, and of a camera that never turns as far as it may."""
        found = orbits.concerns(stage, self.name, self.orbit)
        if self.maps and isinstance(self.instrument, Optical) and "off_nadir_deg" in self.instrument.model_fields_set:
            edge_deg = self.limits(stage)[1]
            if edge_deg < self.instrument.off_nadir_deg - 0.5:
                found.append(f"maps what it passes, {edge_deg:.1f} deg to either side; to turn to 'off_nadir' it needs 'scenes' or 'strip'")
        return found
