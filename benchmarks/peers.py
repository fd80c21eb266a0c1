"""Opponents that need packages which the simulator does not: a process in an environment of their own, `.bench-venv`."""

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from verification.board import ROOT, Row

PYTHON = Path(os.environ.get("TRUCELINE_BENCH_PYTHON", ROOT / ".bench-venv" / "bin" / "python"))
"""`make bench` sets it up; another one can be named."""
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


class Peers(NamedTuple):
    """A process that plays opponents; without one nothing is measured."""

    process: "subprocess.Popen[str] | None"
    versions: dict[str, str]
    folder: Path
    """Where both sides read and write."""

    def has(self, package: str) -> bool:
        """Whether it has what an opponent needs."""
        return bool(self.versions.get(package))

    def ask(self, do: str, given: Path) -> tuple[float, dict[str, np.ndarray]]:
        """Let it do a task; return the processor time that it took, and what it found.

        Raises:
            RuntimeError: It died; what it said stands on stderr.
        """
        told = self.folder / f"{do}.npz"
        if self.process is None or self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("no process of opponents")
        print(json.dumps({"do": do, "given": str(given), "told": str(told)}), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the opponents' process died over {do!r}")
        reply: dict[str, Any] = json.loads(line)
        with np.load(told) as file:
            return float(reply["cpu_s"]), dict(file)


@contextmanager
def peers(python: Path = PYTHON) -> Iterator[Peers]:
    """Start the opponents' process, and end it."""
    with TemporaryDirectory() as folder:
        if not python.exists():
            yield Peers(None, {}, Path(folder))
            return
        command, pipe = [str(python), "-W", "ignore", "-m", "benchmarks.serve"], subprocess.PIPE
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=ROOT, env=os.environ | ONE_THREAD) as process:
            first = process.stdout.readline() if process.stdout else ""
            yield Peers(process, json.loads(first), Path(folder)) if first else Peers(None, {}, Path(folder))
            if process.stdin:
                process.stdin.close()


def absent(name: str, what: str, bar: str, package: str) -> Row:
    """Return the row of an opponent that could not be played."""
    return Row(name, what, f"not measured: {package} is not installed in {PYTHON.parents[1].name}", bar, None)
