"""Results on disk: a folder for each mix, whole at any instant, that the same command takes up again.

    results/<scenario>/<mix>-<digest>/
        scenario.yaml          as given
        resolved.yaml          defaults filled in, one mix; the files that it names lie in inputs/
        manifest.json          what was run, with what, what came out
        parts/part-00000-00003-<sha256>.parquet     replications 0 to 3, the only file that matters
        replications.parquet   one row a replication, derived
        summary.json           every measure with its interval, derived
        figures/

A part appears under its name only when it is whole on the disk, and its name holds the digest of its bytes. So an interrupted run leaves
whole replications, a damaged part is seen, and no lock is needed: two processes in one folder can only do the same work twice.
"""

import hashlib
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.errors import TrucelineError
from sim.intervals import Ratio
from sim.measures.base import all_measures
from sim.provenance import Tables, program_digest, results_digest
from sim.scenario import load
from sim.story import Columns, Estimate, Results
from sim.world import set_stage

LAYOUT = 1
"""Version of the layout of a folder of results."""
PART = re.compile(r"part-(\d{5,})-(\d{5,})-([0-9a-f]{16})\.parquet")
UNFINISHED = ".tmp-"
TABLES = ("tally", "incident", "cell", "fact")
PROGRAM = "program_sha256"
"""Under this name a part says which state of the program's source wrote it."""
NEEDED = ("software", "status", "replications", "command", "mix", "identity")
"""What a manifest must hold to be of use."""
PREFIXED = ("tally", "cell", "fact")
"""Tables whose columns carry their table's name in a part; those of incidents stand alone, so that they are easy to query."""


class Damaged(TrucelineError):
    """A derived file of a run that cannot be read; the same command makes it anew from the parts."""


class Part(NamedTuple):
    """A file with the rows of replications without a gap."""

    path: Path
    first: int
    last: int
    digest: str

    @property
    def numbers(self) -> range:
        """The replications in it."""
        return range(self.first, self.last + 1)


# Names and files


def slug(text: str) -> str:
    """Return a text as part of a path.

    >>> slug("B drones and satellites"), slug("Über/../alles"), slug("…")
    ('b-drones-and-satellites', 'uber-alles', 'x')
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-") or "x"


def folder_of(root: Path, scenario: str, mix: str, identity: str) -> Path:
    """Return where the results of a mix lie."""
    return root / slug(scenario) / f"{slug(mix)}-{identity[:8]}"


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn a refusal of the disk into a message that says what to do."""
    try:
        yield
    except OSError as fault:
        room = next(shutil.disk_usage(place).free for place in (path, *path.parents) if place.is_dir())
        raise TrucelineError(
            f"{fault.filename or path}: cannot be written ({fault.strerror or fault}; {room / 1e6:,.0f} MB free there); "
            "make room or name another place with --out, and run the same command again: finished replications are kept"
        ) from fault


def claim(folder: Path) -> None:
    """Make sure that results can be written to a folder, before anything is simulated; and clear what a crash left half done.

    Raises:
        TrucelineError: They cannot.
    """
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise TrucelineError(f"{place} is a file; results need a folder, name another with --out")
    if folder.is_symlink():
        raise TrucelineError(f"{folder} is a link to elsewhere; results are not written through links, remove it or name another --out")
    for place in (folder, folder / "parts"):
        with explained(place):
            place.mkdir(parents=True, exist_ok=True)
            for stray in sorted(place.glob(f"{UNFINISHED}*")):
                if not alive(stray):
                    stray.unlink(missing_ok=True)
        with unfinished(place) as trial:
            trial.write_bytes(b"")


def alive(stray: Path) -> bool:
    """Say whether the process that is writing a file still runs."""
    number = stray.name.removeprefix(UNFINISHED).partition("-")[0]
    if not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Give a path in a folder for a file that is being written, and clear it away unless it was settled."""
    path = folder / f"{UNFINISHED}{os.getpid()}-{os.urandom(4).hex()}"
    with explained(folder):
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, whatever happens meanwhile."""
    with unfinished(path.parent) as place:
        place.write_bytes(data)
        settle(place, path)


def settle(written: Path, path: Path) -> None:
    """Give a written file its name once its bytes are on the disk."""
    sync(written)
    written.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, values: Mapping[str, Any]) -> None:
    """Write values as JSON without infinities."""
    write_whole(path, (json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """Return the values in a JSON file of ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Damaged(f"{path.parent} holds no {path.name}; is it the folder of a run?") from None
    except (OSError, ValueError, RecursionError) as fault:
        raise Damaged(f"{path} cannot be read ({fault}); run the same command again to write it anew") from None
    values: dict[str, Any] = found if isinstance(found, dict) else {}
    if not values:
        raise Damaged(f"{path} holds no block of values; run the same command again to write it anew")
    return values


# Parts


def database() -> Any:
    """Return a database in memory that stays away from the network."""
    import duckdb

    return duckdb.connect(config={"threads": 1, "autoinstall_known_extensions": False, "autoload_known_extensions": False})


def literal(path: Path) -> str:
    """Return a path that is read as it stands, not as a pattern."""
    return re.sub(r"([\[*?])", r"[\1]", str(path))


def add_part(folder: Path, tables: Tables, fingerprints: Mapping[int, str]) -> Part:
    """Write the rows of replications without a gap as a part."""
    numbers = sorted(fingerprints)
    tally = {**tables["tally"], "fingerprint": np.array([fingerprints[number] for number in tables["tally"]["replication"]], dtype=object)}
    written = {**tables, "tally": tally}
    with unfinished(folder / "parts") as place:
        write_parquet(place, {name: prefixed(name, written[name]) for name in TABLES if name in written}, {PROGRAM: program_digest()})
        digest = sha256(place)
        path = folder / "parts" / f"part-{numbers[0]:05d}-{numbers[-1]:05d}-{digest[:16]}.parquet"
        settle(place, path)
    return Part(path, numbers[0], numbers[-1], digest)


def prefixed(table: str, columns: Columns) -> Columns:
    """Return columns under the names that they have in a part."""
    return {name if table not in PREFIXED or name == "replication" else f"{table}.{name}": column for name, column in columns.items()}


def write_parquet(path: Path, tables: Mapping[str, Columns], marks: Mapping[str, str] | None = None, nan_is_null: bool = False) -> None:
    """Write tables one below the other, with the column `row_of` that names the table, and marks in the file's own metadata.

    A null says that a row has no such column, `nan` that a number has no value; where all rows have all columns it may be a null, which
    queries leave out of their sums.
    """
    import duckdb

    connection = database()
    for name, columns in tables.items():
        connection.register(name, columns)
    kept = {name: "" if nan_is_null else keeping_nan(columns) for name, columns in tables.items()}
    union = " UNION ALL BY NAME ".join(f"(FROM {name} SELECT '{name}' AS row_of, *{kept[name]})" for name in tables)
    metadata = f", KV_METADATA {{{', '.join(f'{name}: {quoted(text)}' for name, text in marks.items())}}}" if marks else ""
    try:
        connection.execute(f"COPY ({union}) TO {quoted(str(path))} (FORMAT parquet, COMPRESSION zstd{metadata})")
    except duckdb.IOException as fault:
        raise OSError(str(fault).splitlines()[0]) from None
    finally:
        connection.close()


def keeping_nan(columns: Columns) -> str:
    """Return what makes the database write `nan` for `nan`: it takes that of an array for a null.

    >>> print(keeping_nan({"a": np.array([1.0]), "b": np.array([1.0, np.nan])}))
     REPLACE (coalesce("b", 'nan'::DOUBLE) AS "b")
    """
    holders = [f'"{name}"' for name, column in columns.items() if column.dtype.kind == "f" and np.isnan(column).any()]
    changed = ", ".join(f"coalesce({holder}, 'nan'::DOUBLE) AS {holder}" for holder in holders)
    return f" REPLACE ({changed})" if changed else ""


def quoted(text: str) -> str:
    """Return a text as the database's language writes it.

    >>> quoted("it's")
    "'it''s'"
    """
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def programs(found: Sequence[Part]) -> set[str]:
    """Return the digests of the states of the program's source that wrote parts; a part that does not say so adds none."""
    if not found:
        return set()
    connection = database()
    marks: list[tuple[bytes, bytes]] = []
    for part in found:
        marks += connection.execute("SELECT key, value FROM parquet_kv_metadata(?)", [literal(part.path)]).fetchall()
    connection.close()
    return {value.decode() for key, value in marks if key == PROGRAM.encode()}


def sha256(path: Path) -> str:
    """Return the digest of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parts(folder: Path) -> tuple[list[Part], list[Path]]:
    """Return the whole parts of a run without overlap, in order of replication, and those that are damaged."""
    whole: list[Part] = []
    damaged: list[Path] = []
    for path in sorted((folder / "parts").glob("part-*.parquet")):
        name = PART.fullmatch(path.name)
        digest = sha256(path)
        if not name or not digest.startswith(name[3]):
            damaged.append(path)
        elif not whole or int(name[1]) > whole[-1].last:
            whole.append(Part(path, int(name[1]), int(name[2]), digest))
    return whole, damaged


def set_aside(damaged: Sequence[Path]) -> list[str]:
    """Move damaged parts out of the way and say so."""
    for path in damaged:
        with explained(path):
            path.replace(path.with_suffix(".damaged"))
    return [
        f"{path.name} is damaged; it was set aside as {path.with_suffix('.damaged').name}, its replications run again" for path in damaged
    ]


def read_tables(found: Sequence[Part]) -> tuple[Tables, dict[int, str]]:
    """Return the rows of all replications in order, and the digest of each."""
    connection = database()
    rows = connection.read_parquet([literal(part.path) for part in found], union_by_name=True)
    tables: Tables = {}
    for table in TABLES:
        own = [name for name in rows.columns if name != "row_of" and belongs(name, table)]
        columns = rows.filter(f"row_of = '{table}'").project(", ".join(f'"{name}"' for name in own)).fetchnumpy()
        order = np.argsort(np.asarray(columns["replication"]), kind="stable")
        if len(order) or table in ("tally", "incident"):
            tables[table] = {name.removeprefix(f"{table}."): filled(columns[name])[order] for name in own}
    connection.close()
    fingerprints = tables["tally"].pop("fingerprint")
    return tables, dict(zip(tables["tally"]["replication"].tolist(), fingerprints.tolist(), strict=True))


def belongs(name: str, table: str) -> bool:
    """Say whether a column of a part belongs to a table."""
    if name == "replication":
        return True
    owner = name.partition(".")[0]
    return owner == table if owner in PREFIXED else table not in PREFIXED


def filled(column: np.ndarray) -> np.ndarray:
    """Return a column without nulls: a number that a replication did not tally counts 0, and `nan` stays `nan`."""
    return column.filled(0) if isinstance(column, np.ma.MaskedArray) else column


# A run


def read(folder: Path) -> Results:
    """Return the replications of a stored run as tables.

    Raises:
        TrucelineError: It is no run, or it was written by a program that keeps results in another layout.
    """
    manifest = read_manifest(folder)
    found, damaged = parts(folder)
    if damaged:
        raise TrucelineError(f"{damaged[0]} is damaged; run the same command again to replace it: {manifest['command']}")
    if not found:
        raise TrucelineError(f"{folder} holds no finished replication; run the same command again: {manifest['command']}")
    return results_of(folder, read_tables(found)[0], manifest["mix"])


def results_of(folder: Path, tables: Tables, mix: str) -> Results:
    """Return tables with the scenario that they came from."""
    scenario = load(folder / "resolved.yaml").scenario
    tallies = {name: np.asarray(column, dtype=np.float64) for name, column in tables["tally"].items()}
    return Results(scenario, set_stage(scenario, folder), mix, tallies, tables["incident"], tables.get("cell", {}))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a run says about itself."""
    manifest = read_json(folder / "manifest.json")
    if "layout" not in manifest or (manifest["layout"] == LAYOUT and any(name not in manifest for name in NEEDED)):
        raise Damaged(f"{folder / 'manifest.json'} is not whole; run the same command again to write it anew")
    if manifest.get("layout") != LAYOUT:
        raise TrucelineError(f"{folder} was written in layout {manifest.get('layout')}; this program reads layout {LAYOUT}")
    return manifest


def intact(folder: Path, name: str) -> bool:
    """Say whether a derived file of a run is there and can be read."""
    try:
        read_json(folder / name)
    except Damaged:
        return False
    return True


def summarised(estimates: Sequence[Estimate]) -> dict[str, Any]:
    """Return estimates as `summary.json` holds them: measure -> estimate of the whole, and under `slices` that of each part.

    JSON knows no infinity: a number that is infinite (never) or undefined is null, and `never` lists the infinite ones.
    """
    summary: dict[str, Any] = {}
    for row in estimates:
        numbers = {"estimate": row.estimate, "low": row.low, "high": row.high}
        entry: dict[str, Any] = {"label": row.label} | {name: value if np.isfinite(value) else None for name, value in numbers.items()}
        entry |= {"unit": row.unit, "n_replications": row.n_replications, "n_events": row.n_events, "method": row.method}
        if never := [name for name, value in numbers.items() if np.isinf(value)]:
            entry["never"] = never
        measure = summary.setdefault(row.measure, {})
        if row.slice:
            measure.setdefault("slices", {})[row.slice] = entry
        else:
            measure |= entry
    return summary


def estimates(results: Results) -> list[Estimate]:
    """Return every number of a run."""
    return [row for measure in all_measures() for row in measure.table(results)]


def by_replication(results: Results) -> Columns:
    """Return all numbers of each replication: tallies, and the measures that have a value in each."""
    columns: Columns = {"replication": np.asarray(results.tallies["replication"], dtype=np.int64)}
    columns |= {f"tally.{name}": column for name, column in results.tallies.items() if name != "replication"}
    for measure in all_measures():
        for name, values in measure.by_replication(results).items():
            if isinstance(values, Ratio):
                columns |= {f"{name}.numerator": values.numerator, f"{name}.denominator": values.denominator}
            else:
                columns[name] = values
    return columns


@dataclass(frozen=True, slots=True)
class Finish:
    """What a run came to."""

    asked: int
    failed: Sequence[Mapping[str, Any]]
    execution: Mapping[str, Any]
    """Workers and times: outside of every digest."""


def finish(folder: Path, started: Mapping[str, Any], end: Finish) -> None:
    """Derive tables and summary from the parts, and close the manifest."""
    found, _ = parts(folder)
    closing: dict[str, Any] = {"results_digest": None, "rows": {}, "parts": []}
    fingerprints: dict[int, str] = {}
    if found:
        tables, fingerprints = read_tables(found)
        results = results_of(folder, tables, started["mix"])
        with unfinished(folder) as place:
            write_parquet(place, {"replication": by_replication(results)}, nan_is_null=True)
            settle(place, folder / "replications.parquet")
        write_json(folder / "summary.json", summarised(estimates(results)))
        closing["results_digest"] = results_digest(fingerprints)
        closing["rows"] = {name: len(columns["replication"]) for name, columns in tables.items()}
        closing["parts"] = [described(part) for part in found]
    whole = set(range(end.asked)) <= set(fingerprints)
    counts = {"asked": end.asked, "done": len(fingerprints), "failed": list(end.failed)}
    closing |= {"status": "complete" if whole else "partial", "ended": now(), "replications": counts, "execution": dict(end.execution)}
    write_json(folder / "manifest.json", {**started, **closing})


def described(part: Part) -> dict[str, Any]:
    """Return what the manifest says of a part."""
    size = part.path.stat().st_size
    return {"file": f"parts/{part.path.name}", "first": part.first, "last": part.last, "bytes": size, "sha256": part.digest}


def now() -> str:
    """Return the present instant in UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
