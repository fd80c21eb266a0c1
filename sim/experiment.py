"""Replications of one mix: in chunks, in other processes, in any order, with one answer."""

import json
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait as wait_for_end
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np

from sim.errors import TrucelineError
from sim.live import uncollected
from sim.log import Entry
from sim.provenance import Tables, fingerprint
from sim.scenario import Loaded, Scenario
from sim.scene import Stage
from sim.story import Columns, Play, outcomes
from sim.world import World, build, set_stage

CHUNK_S = 2.0
"""Work sent to a process at once: the cost of sending is then about 1 %. Source: benchmark of process pools at 20 ms and 2 s tasks."""
LARGEST_CHUNK = 64
MOST_DEATHS = 2
"""A chunk that killed its process so often is halved; a single replication is given up."""
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

Player: TypeAlias = Callable[[World], Play]


def engine(world: World) -> Play:
    """Play a replication with the simulator's own engine, loaded when it is first needed."""
    from sim.engine.run import play

    return play(world)


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to play any replication of a mix; small, and the same for all of them."""

    values: str
    """The scenario's values as JSON."""
    folder: str
    """Paths in the scenario are relative to this."""
    cache: str | None = None
    """Where tables that take long are kept."""
    trace: bool = False
    """Whether the whole log is kept."""
    player: Player = engine


class Chunk(NamedTuple):
    """Replications that are done, in order of number without a gap."""

    numbers: tuple[int, ...]
    tables: Tables
    fingerprints: dict[int, str]
    seconds: float
    """Processor time of the replications."""


class Failure(NamedTuple):
    """A replication that could not be done."""

    number: int
    reason: str
    traceback: str = ""


@dataclass(slots=True)
class Task:
    """Replications that go to a process together."""

    numbers: tuple[int, ...]
    deaths: int = 0
    """How often a process died that had nothing else to do."""


def job_of(loaded: Loaded, cache: Path | None = None, trace: bool = False, player: Player = engine) -> Job:
    """Return the job of playing a scenario."""
    return Job(json.dumps(loaded.document.values), str(loaded.folder), str(cache) if cache else None, trace, player)


@lru_cache(maxsize=2)
def staged(job: Job) -> tuple[Scenario, Stage]:
    """Return the scenario and what its replications share, made once a process."""
    scenario = Scenario.model_validate(json.loads(job.values))
    return scenario, set_stage(scenario, Path(job.folder), Path(job.cache) if job.cache else None)


def prepare(job: Job) -> None:
    """Compute what takes long and lies on disk, such as satellite passes, once before many processes would."""
    scenario, stage = staged(job)
    scene = build(scenario, stage, 0).scene
    for sensor in scenario.sensors.values():
        sensor.tracks(scene)


def replicate(job: Job, number: int) -> Tables:
    """Play one replication and return its rows; they depend on the job and the number and on nothing else."""
    from sim.measures.base import all_measures

    scenario, stage = staged(job)
    play = job.player(build(scenario, stage, number))
    tables: Tables = {"tally": {}, "incident": outcomes(play)}
    cells: Columns = {}
    for measure in all_measures():
        tables["tally"] |= {name: np.array([float(value)]) for name, value in measure.tally(play).items()}
        cells |= measure.cells(play)
    if cells:
        tables["cell"] = cells
    if job.trace:
        tables["fact"] = facts(play)
    for columns in tables.values():
        count = len(next(iter(columns.values()))) if columns else 1
        columns["replication"] = np.full(count, number, dtype=np.int64)
    return tables


def facts(play: Play) -> Columns:
    """Return the log as columns."""
    kinds = {"t_s": float, "incident": np.int64, "case": np.int64, "episode": np.int64, "value": float}
    columns = zip(*play.log.facts, strict=True) if play.log.facts else [()] * len(Entry._fields)
    return {name: np.array(column, dtype=kinds.get(name, object)) for name, column in zip(Entry._fields, columns, strict=True)}


def play_chunk(job: Job, numbers: tuple[int, ...]) -> Chunk:
    """Play some replications, one after the other."""
    staged(job)
    started = time.thread_time()
    with uncollected():
        parts = [replicate(job, number) for number in numbers]
    fingerprints = {number: fingerprint(part) for number, part in zip(numbers, parts, strict=True)}
    return Chunk(numbers, joined(parts), fingerprints, time.thread_time() - started)


def joined(parts: Sequence[Tables]) -> Tables:
    """Return the rows of several replications as tables; a number that one of them lacks counts 0."""
    return {
        name: joined_columns([part[name] for part in parts if name in part]) for name in sorted({name for part in parts for name in part})
    }


def joined_columns(tables: Sequence[Columns]) -> Columns:
    """Return several tables as one."""
    names = list(dict.fromkeys(name for table in tables for name in table))
    return {name: np.concatenate([table.get(name, np.zeros(len(table["replication"]))) for table in tables]) for name in names}


# Processes


def replications(job: Job, numbers: Sequence[int], workers: int = 1) -> Iterator[Chunk | Failure]:
    """Play replications in as many processes as there are workers, and give each chunk as it is done.

    What comes does not depend on workers, chunks or order, only the order of coming does. A process that dies takes no other work with
    it: what was on the way is done again, alone and in smaller chunks, until one replication is left to blame.

    Raises:
        TrucelineError: A mistake in the scenario that shows only when it is played.
    """
    crew = Crew(job, workers)
    todo = deque(sorted(numbers))
    with one_thread_each():
        try:
            while todo or crew.suspects or crew.running:
                crew.send(todo)
                yield from crew.receive()
        finally:
            crew.dismiss()


@dataclass(slots=True)
class Crew:
    """Processes, and what each chunk of work has come to."""

    job: Job
    workers: int
    running: dict[Future[Chunk], Task] = field(default_factory=dict)
    suspects: deque[Task] = field(default_factory=deque)
    """Work that was on the way when a process died; it is tried alone."""
    pace_s: float = 0.0
    """Time of one replication, 0 until the first is done."""
    pool: Executor = field(init=False)
    strangers: set[int | None] = field(default_factory=lambda: {child.pid for child in active_children()})
    """Processes that somebody else started."""

    def __post_init__(self) -> None:
        self.pool = self.fresh()

    def fresh(self) -> Executor:
        """Return a new pool; one worker is a thread, in which a fault stays as it does in a process."""
        if self.workers == 1:
            return ThreadPoolExecutor(1)
        return ProcessPoolExecutor(self.workers, mp_context=get_context("spawn"), initializer=live_with_parent)

    def send(self, todo: deque[int]) -> None:
        """Give out work: one suspect alone, or as much as keeps everybody busy."""
        if self.suspects:
            if not self.running:
                self.submit(self.suspects.popleft())
            return
        while todo and len(self.running) < 2 * self.workers and not self.suspects:
            self.submit(Task(self.cut(todo)))

    def cut(self, todo: deque[int]) -> tuple[int, ...]:
        """Take the next chunk off the list: numbers without a gap, about `CHUNK_S` of work, a fair share near the end."""
        size = min(int(CHUNK_S / self.pace_s), LARGEST_CHUNK, -(-len(todo) // (2 * self.workers))) if self.pace_s else 1
        chunk = [todo.popleft()]
        while todo and len(chunk) < size and todo[0] == chunk[-1] + 1:
            chunk.append(todo.popleft())
        return tuple(chunk)

    def submit(self, task: Task) -> None:
        """Send work to the pool, or keep it as a suspect if the pool has just died."""
        try:
            with deaf_to_interrupts():
                self.running[self.pool.submit(play_chunk, self.job, task.numbers)] = task
        except BrokenExecutor:
            self.suspects.append(task)
            self.pool = self.fresh()

    def receive(self) -> Iterator[Chunk | Failure]:
        """Wait for work to come back, and iterate over what did."""
        if not self.running:
            return
        alone = len(self.running) == 1
        done, _ = wait(self.running, return_when=FIRST_COMPLETED)
        if any(isinstance(future.exception(), BrokenExecutor) for future in done):
            done, _ = wait(self.running)
            self.pool = self.fresh()
        for future in sorted(done, key=lambda future: self.running[future].numbers):
            task = self.running.pop(future)
            fault = future.exception()
            if fault is None:
                chunk = future.result()
                self.pace_s = max(chunk.seconds / len(chunk.numbers), 1e-4)
                yield chunk
            elif isinstance(fault, TrucelineError) or not isinstance(fault, Exception):
                raise fault
            else:
                yield from self.blame(task, fault, alone)

    def blame(self, task: Task, fault: BaseException, alone: bool) -> Iterator[Failure]:
        """Narrow down which replication is at fault: by itself a fault of the program repeats, a death may be chance."""
        died = isinstance(fault, BrokenExecutor)
        task.deaths += died and alone
        if died and task.deaths < MOST_DEATHS:
            self.suspects.append(task)
        elif len(task.numbers) > 1:
            middle = len(task.numbers) // 2
            self.suspects += [Task(task.numbers[:middle]), Task(task.numbers[middle:])]
        else:
            reason = "its process died" if died else f"{type(fault).__name__}: {fault}"
            yield Failure(task.numbers[0], reason, "".join(traceback.format_exception(fault)))

    def dismiss(self) -> None:
        """Let nothing run on: what is unfinished is done again by the next run."""
        unfinished = bool(self.running)
        self.pool.shutdown(wait=not unfinished, cancel_futures=True)
        for child in active_children():
            if unfinished and child.pid not in self.strangers:
                child.terminate()


def live_with_parent() -> None:
    """Make a worker leave interrupts to its parent, and end when the parent does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=end_after, args=(parent.sentinel,), daemon=True).start()


def end_after(sentinel: int) -> None:
    """End this process when another has."""
    wait_for_end([sentinel])
    os._exit(1)


@contextmanager
def deaf_to_interrupts() -> Iterator[None]:
    """Ignore interrupts while processes are started, so that these are born ignoring them: loading the program takes them a second.

    Only the main thread may say what a signal does; elsewhere nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Keep the libraries in new processes to one thread: the processes are the parallel part."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
