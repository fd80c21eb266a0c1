"""One mix simulated: taken up where an earlier run has left, kept as it goes, and closed with its numbers."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import yaml

from sim import experiment, store
from sim.document import override
from sim.errors import TrucelineError
from sim.experiment import Failure, Job, Player, engine, job_of
from sim.provenance import LIMITS, assumptions, gathered, identity, software
from sim.report import Table, estimates_table, many
from sim.scenario import Loaded, checked, load, mixed
from sim.store import Finish, Part
from sim.story import Estimate, Results
from sim.units import DAY, HOUR, duration

RESULTS = Path("results")
BASE = "base"
"""Name of the file as it stands, without a mix."""
WORTH_A_POOL_S = 5.0
"""Work in one process from which others are worth starting: each takes about 1.5 s to load the program."""
TRIALS_S = (HOUR, DAY)
LONGEST_TRIAL_S = 10.0
"""A dry run plays a cut scenario where the next longer cut would take longer than this."""

Watch = Callable[[int, int], None]
"""Is told how many replications are done, and of how many."""


def silent(done: int, of: int) -> None:
    """Watch without a word."""


@dataclass(frozen=True)
class Run:
    """The stored results of one mix."""

    path: Path
    notes: tuple[str, ...] = ()
    """What happened on the way that a reader of the numbers should know."""

    @property
    def manifest(self) -> dict[str, Any]:
        """What was run, with what, and what came out."""
        return store.read_manifest(self.path)

    @property
    def summary(self) -> dict[str, Any]:
        """Every measure with its interval, as `summary.json` holds it."""
        return store.read_json(self.path / "summary.json")

    @cached_property
    def results(self) -> Results:
        """All replications as tables."""
        return store.read(self.path)

    @cached_property
    def estimates(self) -> list[Estimate]:
        """Every number of the run with its interval."""
        return store.estimates(self.results)

    @property
    def status(self) -> str:
        """`complete`, `partial`, `unfinished` (it runs now, or it was killed: a folder cannot tell), or `damaged`."""
        try:
            status = str(self.manifest["status"])
        except store.Damaged:
            return "damaged"
        if status == "complete" and not store.intact(self.path, "summary.json"):
            return "damaged"
        return "unfinished" if status == "running" else status

    @property
    def complete(self) -> bool:
        """Whether every replication that was asked for is there."""
        return self.status == "complete"

    @property
    def caption(self) -> str:
        """Scenario, mix, replications, length and seed in one line."""
        manifest = self.manifest
        count = manifest["replications"]
        whole = manifest["status"] == "complete"
        done = many(count["done"], "replication") if whole else f"{count['done']} of {many(count['asked'], 'replication')}"
        facts = [manifest["scenario"]["name"], manifest["mix"], f"{done} of {manifest['length']}", f"seed {manifest['seed']}"]
        return " \N{MIDDLE DOT} ".join(facts)

    def table(self, everything: bool = False) -> Table:
        """Return the numbers of the run: the headlines, or everything with its slices."""
        return estimates_table(self.estimates, self.caption, everything)

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


class Order(NamedTuple):
    """What it takes to run a mix: the scenario with its changes, and where its results go."""

    loaded: Loaded
    mix: str
    values: dict[str, Any]
    """Resolved, with the files that it names under their new names."""
    inputs: dict[str, Path]
    folder: Path
    asked: int
    given: Loaded
    """The file as it stands."""

    @property
    def cache(self) -> Path:
        """Where tables that take long are kept."""
        return self.folder.parent.parent / ".cache"


def order(scenario: Loaded | Path | str, mix: str | None, replications: int | None, seed: int | None, out: Path | str) -> Order:
    """Return what it takes to run a mix."""
    given = load(scenario) if isinstance(scenario, (str, Path)) else scenario
    seeded = given
    if seed is not None:
        document = override(given.document, "experiment.seed", str(seed), f"--seed {seed}")
        seeded = Loaded(checked(document), document, given.folder)
    named = mix if mix != BASE or BASE in seeded.scenario.experiment.mixes else None
    loaded = mixed(seeded, named)
    asked = replications if replications is not None else loaded.scenario.experiment.replications
    if asked < 1:
        raise TrucelineError("a run needs at least 1 replication")
    values, inputs = gathered(loaded)
    folder = store.folder_of(Path(out), Path(given.document.file).stem, named or BASE, identity(values))
    return Order(loaded, named or BASE, values, inputs, folder, asked, given)


def run(
    scenario: Loaded | Path | str,
    *,
    mix: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    out: Path | str = RESULTS,
    trace: bool = False,
    watch: Watch = silent,
    player: Player = engine,
) -> Run:
    """Simulate a mix, keep the results, and take up what an earlier run has left.

    Args:
        scenario: A file, or what `load` returned.
        mix: One of the file's; without it the file as it stands.
        replications: How many there shall be in all; those on disk are kept, also when they are more.
        seed: Instead of the file's.
        workers: Processes. A script that gives more than 1 must guard its main code with `if __name__ == "__main__":`.
        out: The folder of all results.
        trace: Keep the whole log of each replication that is simulated now.
        watch: Is told how far it is.
        player: Plays a replication.

    Raises:
        TrucelineError: A mistake in the scenario, or the results cannot be written.
    """
    wanted = order(scenario, mix, replications, seed, out)
    store.claim(wanted.folder)
    found, damaged = store.parts(wanted.folder)
    kept = {number for part in found for number in part.numbers}
    missing = [number for number in range(wanted.asked) if number not in kept]
    whole = not missing and not damaged and settled(wanted)
    notes = held_over(wanted.folder, found, whole)
    notes += store.set_aside(damaged)
    if kept:
        notes.append(f"{len(kept)} kept from an earlier run, {len(missing) or 'nothing'} to do")
    if trace:
        notes.append(traced(wanted.folder, len(kept), len(missing)))
    if whole:
        return Run(wanted.folder, tuple(notes))
    manifest = open_manifest(wanted)
    started = time.monotonic()
    store.write_json(wanted.folder / "manifest.json", {**manifest, "status": "running", "replications": counted(wanted, kept)})
    job = job_of(wanted.loaded, wanted.cache, trace, player)
    finished = False
    try:
        failed = simulate(wanted, job, missing, min(workers, max(len(missing), 1)), len(kept), watch)
        faults = [{"replication": failure.number, "reason": failure.reason} for failure in failed]
        took = {"workers": workers, "wall_s": round(time.monotonic() - started, 3), "simulated": len(missing) - len(failed)}
        store.finish(wanted.folder, manifest, Finish(wanted.asked, faults, took))
        finished = True
    finally:
        if not finished:
            done = {number for part in store.parts(wanted.folder)[0] for number in part.numbers}
            store.write_json(wanted.folder / "manifest.json", {**manifest, "status": "partial", "replications": counted(wanted, done)})
    if failed:
        numbers = ", ".join(str(failure.number) for failure in failed)
        notes.append(f"{wanted.asked - len(failed)} of {wanted.asked} replications; {len(failed)} failed: {numbers} ({failed[0].reason})")
    return Run(wanted.folder, tuple(notes))


def simulate(wanted: Order, job: Job, missing: Sequence[int], workers: int, kept: int, watch: Watch) -> list[Failure]:
    """Play what is missing, and keep each chunk as it is done; return what failed.

    The first two replications are played here, and the second is timed, when all is warm: only if the others take longer than
    processes take to start are they given to a pool.
    """
    failed: list[Failure] = []
    done = kept

    def keep(numbers: Sequence[int], processes: int) -> None:
        nonlocal done
        for outcome in experiment.replications(job, numbers, processes):
            if isinstance(outcome, Failure):
                failed.append(outcome)
            else:
                store.add_part(wanted.folder, outcome.tables, outcome.fingerprints)
                done += len(outcome.numbers)
                watch(done, kept + len(missing))

    watch(done, done + len(missing))
    if missing:
        experiment.prepare(job)
        keep(missing[:1], 1)
        started = time.monotonic()
        keep(missing[1:2], 1)
        rest_s = (time.monotonic() - started) * len(missing[2:])
        keep(missing[2:], workers if rest_s > WORTH_A_POOL_S else 1)
    return failed


def held_over(folder: Path, found: Sequence[Part], whole: bool) -> list[str]:
    """Return what is to be said of results that an earlier run left in a folder.

    Args:
        folder: Of the results.
        found: The parts in it.
        whole: Whether nothing is to be added or made anew.

    Raises:
        TrucelineError: They come from another program, and one run must not mix two.
    """
    notes, here = [], software()
    programs = store.programs(found)
    try:
        wrote = store.read_manifest(folder)["software"]
    except store.Damaged as fault:
        if found or (folder / "manifest.json").exists():
            notes.append(f"{fault.args[0].partition(';')[0]}; it is made anew from the parts")
    else:
        if wrote["truceline"] != here["truceline"]:
            raise TrucelineError(
                f"{folder} was written by Truceline {wrote['truceline']} and this is {here['truceline']}; "
                "move it away, or name another folder with --out"
            )
        programs |= {wrote["program_sha256"]} if found else set()
    if programs <= {here["program_sha256"]}:
        broken = (folder / "summary.json").exists() and not store.intact(folder, "summary.json")
        return [*notes, *(["summary.json was damaged; it is made anew from the parts"] if broken else [])]
    if not whole:
        raise TrucelineError(
            f"{folder} was written by another state of the program's source, and one run must not mix two; "
            "move it away, or name another folder with --out"
        )
    return [f"what lies in {folder.name} was written by another state of the program's source; move it away to begin anew"]


def traced(folder: Path, kept: int, missing: int) -> str:
    """Return where the whole log lies, and how it is read."""
    if not missing:
        return "nothing was simulated, so --trace has kept no log; move the run away or name another folder with --out"
    query = f"""duckdb.sql("FROM read_parquet('{folder}/parts/*.parquet', union_by_name=true) WHERE row_of = 'fact'")"""
    without = f"; the {many(kept, 'replication')} kept from an earlier run may have none" if kept else ""
    return f"the whole log lies in the parts, as the rows 'fact'{without}; read them in Python with {query}"


def settled(wanted: Order) -> bool:
    """Say whether a run is complete as it lies there."""
    found = Run(wanted.folder)
    return found.complete and found.manifest["replications"]["asked"] >= wanted.asked


def counted(wanted: Order, done: Iterable[int]) -> dict[str, Any]:
    """Return the manifest's counts while a run is under way."""
    return {"asked": wanted.asked, "done": len(set(done)), "failed": []}


def open_manifest(wanted: Order) -> dict[str, Any]:
    """Write the scenario into the folder of its results, and return what the manifest says from the start."""
    scenario, document = wanted.loaded.scenario, wanted.given.document
    if wanted.inputs:
        with store.explained(wanted.folder):
            (wanted.folder / "inputs").mkdir(exist_ok=True)
    for name, source in wanted.inputs.items():
        store.write_whole(wanted.folder / name, source.read_bytes())
    store.write_whole(wanted.folder / "scenario.yaml", document.text.encode())
    resolved_text = yaml.safe_dump(wanted.values, sort_keys=False, allow_unicode=True, width=120)
    store.write_whole(wanted.folder / "resolved.yaml", resolved_text.encode())
    mix = [] if wanted.mix == BASE else ["--mix", f'"{wanted.mix}"']
    command = ["truceline run", Path(document.file).name, *mix, f"--seed {scenario.experiment.seed}", f"--replications {wanted.asked}"]
    return {
        "layout": store.LAYOUT,
        "identity": identity(wanted.values),
        "status": "running",
        "started": store.now(),
        "command": " ".join(command),
        "scenario": {"name": scenario.name, "file": Path(document.file).name},
        "mix": wanted.mix,
        "seed": scenario.experiment.seed,
        "length": duration(scenario.length_s),
        "inputs": {name: name.partition("/")[2].partition(".")[0] for name in wanted.inputs},
        "software": software(),
        "assumptions": assumptions(wanted.loaded),
        "limits": list(LIMITS),
    }


class Prospect(NamedTuple):
    """What a run would do, from one replication that was played for trial and thrown away."""

    mix: str
    path: Path
    asked: int
    kept: int
    missing: int
    seconds_each: float
    seconds: float
    bytes: int
    trial: str = ""
    """What the estimate rests on."""


def foresee(
    scenario: Loaded | Path | str,
    *,
    mix: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    out: Path | str = RESULTS,
    player: Player = engine,
) -> Prospect:
    """Return what `run` would do with the same arguments, and what it would take; nothing is written there."""
    wanted = order(scenario, mix, replications, seed, out)
    found, _ = store.parts(wanted.folder) if wanted.folder.is_dir() else ([], [])
    kept = {number for part in found for number in part.numbers}
    missing = sum(number not in kept for number in range(wanted.asked))
    if not missing:
        return Prospect(wanted.mix, wanted.folder, wanted.asked, len(kept), 0, 0.0, 0.0, 0)
    each, size, trial = tried(wanted.loaded, wanted.asked - 1, player)
    seconds = each * math.ceil(missing / workers)
    return Prospect(wanted.mix, wanted.folder, wanted.asked, len(kept), missing, each, seconds, round(size * missing), trial)


def tried(loaded: Loaded, number: int, player: Player) -> tuple[float, float, str]:
    """Return the seconds and the bytes that a replication takes, and what that rests on.

    Ever longer cuts of the scenario are played, as long as the next one can be expected to be over soon.
    """
    scenario = loaded.scenario
    for cut_s in (*(cut_s for cut_s in TRIALS_S if cut_s < scenario.length_s), scenario.length_s):
        share = cut_s / scenario.length_s
        job = job_of(cut(loaded, share), player=player)
        took_s: list[float] = []
        while len(took_s) < 2 and sum(took_s) < LONGEST_TRIAL_S:  # the second time all is warm
            started = time.monotonic()
            chunk = experiment.play_chunk(job, (number,))
            took_s.append(time.monotonic() - started)
        longer_s = next((other_s for other_s in TRIALS_S if cut_s < other_s < scenario.length_s), scenario.length_s)
        if took_s[-1] * longer_s / cut_s > LONGEST_TRIAL_S:
            break
    with TemporaryDirectory() as trial:
        (Path(trial) / "parts").mkdir()
        size = store.add_part(Path(trial), chunk.tables, chunk.fingerprints).path.stat().st_size
    parts = "" if share == 1.0 else f" cut to {duration(cut_s)} of {duration(scenario.length_s)}, a rough guess"
    return chunk.seconds / share, size / share, f"one replication{parts}"


def cut(loaded: Loaded, share: float) -> Loaded:
    """Return a scenario of which only the first share is played, follow-up and all."""
    if share == 1.0:
        return loaded
    document = loaded.document
    for name in ("length_s", "follow_up_s"):
        document = override(document, name, repr(share * getattr(loaded.scenario, name)))
    return loaded._replace(document=document)
