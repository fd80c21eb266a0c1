"""One case in a process of its own, to see its memory and its cold start: `python -m benchmarks.alone CASE [WORD...]`."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.timing import MB, Alone, peak_bytes


def main(case: str, *words: str) -> None:
    """Make ready, do it, and tell what it took."""
    work = CASES[case](*words)
    before, started = peak_bytes(), time.process_time()
    work()
    now_s = time.process_time()
    print(json.dumps(Alone(now_s - started, (peak_bytes() - before) / MB, now_s)._asdict()))


def r1(variant: str) -> Callable[[], object]:
    """Play a variant of R1, after a day of R1 that loads what is loaded late."""
    from benchmarks.reference import Case, variant_of
    from sim.story import outcomes

    Case.of(variant_of("day")).play()
    case = Case.of(variant_of(variant))
    return lambda: outcomes(case.play())


def windows(name: str) -> Callable[[], object]:
    """Find the windows of a workload, after those of the smallest."""
    from benchmarks.satellites import workload

    workload("W1").windows()
    work = workload(name)
    return work.windows


def ukraine(scenario: str) -> Callable[[], object]:
    """Read a scenario, find its satellites' windows, and play one replication: nothing is cached, nothing is loaded."""

    def work() -> None:
        from sim.engine.run import play
        from sim.scenario import load
        from sim.world import build, set_stage

        with TemporaryDirectory() as folder:
            loaded = load(scenario)
            play(build(loaded.scenario, set_stage(loaded.scenario, loaded.folder, Path(folder)), 0))

    return work


CASES: dict[str, Callable[..., Callable[[], object]]] = {"r1": r1, "windows": windows, "ukraine": ukraine}


if __name__ == "__main__":
    main(*sys.argv[1:])
