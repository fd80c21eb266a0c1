import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import TrucelineError
from sim.experiment import Chunk, Crew, Failure, Job, Task, job_of, replications
from sim.provenance import results_digest
from sim.scenario import load
from tests import standin

ROOT = Path(__file__).parents[1]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return job_of(load(standin.small(tmp_path)))


@pytest.fixture
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))  # processes find the players of these tests


def digest(job: Job, numbers: Sequence[int], workers: int = 1) -> str:
    found: dict[int, str] = {}
    for outcome in replications(job, numbers, workers):
        assert isinstance(outcome, Chunk)
        found |= outcome.fingerprints
    assert sorted(found) == sorted(numbers)
    return results_digest(found)


def outcomes_of(job: Job, count: int, workers: int) -> tuple[list[int], list[Failure]]:
    """Return which replications were done, and which failed."""
    done: list[int] = []
    failed: list[Failure] = []
    for outcome in replications(job, range(count), workers):
        if isinstance(outcome, Failure):
            failed.append(outcome)
        else:
            done += outcome.numbers
    return sorted(done), failed


def test_workers_chunks_and_order_do_not_change_the_digest(job: Job, importable: None) -> None:
    alone = digest(job, range(8))
    assert digest(job, [5, 2, 7, 0, 1, 3, 4, 6]) == alone
    assert digest(job, range(8), workers=2) == alone


def test_a_trace_does_not_change_the_digest(job: Job) -> None:
    assert digest(replace(job, trace=True), range(2)) == digest(job, range(2))


def test_another_replication_is_another_story(job: Job) -> None:
    (chunk,) = replications(job, [3])
    (other,) = replications(job, [4])
    assert isinstance(chunk, Chunk)
    assert isinstance(other, Chunk)
    assert chunk.fingerprints[3] != other.fingerprints[4]
    assert set(chunk.tables["incident"]["replication"]) == {3}


def test_the_hash_seed_of_python_does_not_matter(job: Job, tmp_path: Path) -> None:
    told = (
        "import sys; from sim.experiment import *; from sim.scenario import load; from sim.provenance import results_digest\n"
        "found = {}\n"
        "for chunk in replications(job_of(load(sys.argv[1])), range(2)): found |= chunk.fingerprints\n"
        "print(results_digest(found))"
    )
    for seed in ("1", "2"):
        command = [sys.executable, "-c", told, str(tmp_path / "small.yaml")]
        done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == digest(job, range(2))


def test_a_replication_that_kills_its_process_is_named_and_the_others_are_done(job: Job, importable: None) -> None:
    done, failed = outcomes_of(replace(job, player=standin.dies_on_two), 6, workers=2)
    assert done == [0, 1, 3, 4, 5]
    assert [(failure.number, failure.reason) for failure in failed] == [(2, "its process died")]


def test_a_process_that_dies_once_costs_nothing(job: Job, importable: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUCELINE_TEST_MARK", str(tmp_path / "died"))
    done, failed = outcomes_of(replace(job, player=standin.dies_once), 5, workers=2)
    assert (done, failed) == ([0, 1, 2, 3, 4], [])


def test_a_fault_in_one_replication_is_narrowed_down(job: Job) -> None:
    done, failed = outcomes_of(replace(job, player=standin.faulty_on_two), 30, workers=1)
    assert done == [number for number in range(30) if number != 2]
    assert failed[0].reason == "ZeroDivisionError: a fault of ours"
    assert "faulty_on_two" in failed[0].traceback


def test_a_mistake_of_the_user_ends_the_experiment(job: Job) -> None:
    with pytest.raises(TrucelineError, match="no water here"):
        list(replications(replace(job, player=standin.refuses), range(3)))


def test_chunks_have_no_gaps_and_about_two_seconds_of_work(job: Job) -> None:
    from collections import deque

    crew = Crew(job, 1)
    crew.pace_s = 0.5
    todo = deque([0, 1, 2, 3, 4, 5, 8, 9, *range(20, 60)])
    assert [crew.cut(todo) for _ in range(3)] == [(0, 1, 2, 3), (4, 5), (8, 9)]
    crew.dismiss()


def test_libraries_get_one_thread_and_the_environment_is_left_as_it_was(job: Job) -> None:
    before = dict(os.environ)
    list(replications(job, [0]))
    assert dict(os.environ) == before


def test_processes_are_started_while_interrupts_are_ignored(monkeypatch: pytest.MonkeyPatch, job: Job) -> None:
    before = signal.getsignal(signal.SIGINT)
    crew = Crew(job, 1)
    met: list[object] = []
    submit = crew.pool.submit

    def noted(*work: Any) -> Any:
        met.append(signal.getsignal(signal.SIGINT))
        return submit(*work)

    monkeypatch.setattr(crew.pool, "submit", noted)
    crew.submit(Task((0,)))
    assert met == [signal.SIG_IGN]
    assert signal.getsignal(signal.SIGINT) is before
    crew.dismiss()
