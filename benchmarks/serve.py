"""The opponents' side of `benchmarks.peers`: runs in the bench's own environment, takes one task a line and answers with one line.

It must import nothing of the simulator, which is not installed there. A task names what to do and the files to read and write; the
answer says how much processor time it took, without reading and writing.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import tick


def main() -> None:
    """Say what is installed, then serve until the other side hangs up."""
    print(json.dumps({name: installed(name) for name in ("numpy", "numba", "tatc")}), flush=True)
    tasks: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {"ticks": ticks, "passes": passes}
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(tasks[task["do"]](task)), flush=True)


def installed(name: str) -> str:
    """Return the version of a package, empty where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


COMPILED: list[tick.Kernels] = []
"""Once a process."""


def ticks(task: dict[str, str]) -> dict[str, Any]:
    """Play R1 by a compiled tick; the first call compiles, and should not be timed."""
    if not COMPILED:
        COMPILED.append(tick.Kernels(*map(import_module("numba").njit, tick.PLAIN)))
    with np.load(task["given"]) as file:
        given = dict(file)
    started = time.process_time()
    flight, answers = tick.play(given, *COMPILED)
    spent_s = time.process_time() - started
    np.savez(task["told"], **flight._asdict(), **answers._asdict())
    return {"cpu_s": spent_s}


def passes(task: dict[str, str]) -> dict[str, Any]:
    """Find windows with TAT-C, all places of a satellite in one call."""
    point = import_module("shapely.geometry").Point
    schemas, analysis = import_module("tatc.schemas"), import_module("tatc.analysis")
    work = json.loads(Path(task["given"]).read_text(encoding="utf-8"))
    places = [point(lon, lat, 0.0) for lon, lat in work["places"]]
    eye = schemas.Instrument(name="eye", field_of_regard=2.0 * work["max_off_nadir_deg"])
    orbits = [schemas.GeneralPerturbationsOrbit.from_tle(lines) for lines in work["satellites"]]
    satellites = [schemas.Satellite(name=str(number), orbit=orbit, instruments=[eye]) for number, orbit in enumerate(orbits)]
    start = datetime.fromisoformat(work["start"])
    started = time.process_time()
    table = analysis.collect_observations(places, satellites, start, start + timedelta(days=work["days"]))
    spent_s = time.process_time() - started
    number = {(lon, lat): row for row, (lon, lat) in enumerate(work["places"])}
    begin = np.datetime64(start.replace(tzinfo=None), "ns")
    np.savez(
        task["told"],
        satellite=table["satellite"].astype(int).to_numpy(),
        place=np.array([number[at.x, at.y] for at in table.geometry]),
        start_s=(table["start"].dt.tz_localize(None).to_numpy() - begin) / np.timedelta64(1, "s"),
        end_s=(table["end"].dt.tz_localize(None).to_numpy() - begin) / np.timedelta64(1, "s"),
    )
    return {"cpu_s": spent_s}


if __name__ == "__main__":
    main()
