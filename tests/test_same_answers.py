"""One scenario and seed, one digest: with the engine itself, on the tutorial."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sim import api
from sim.experiment import Chunk, job_of, replications
from sim.provenance import results_digest

ROOT = Path(__file__).parents[1]
TUTORIAL = ROOT / "scenarios" / "tutorial.yaml"


def digest_of(run: api.Run) -> str:
    return str(run.manifest["results_digest"])


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> str:
    return digest_of(api.run(TUTORIAL, replications=4, out=tmp_path_factory.mktemp("once")))


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_and_chunks_change_nothing(workers: int, digest: str) -> None:
    job = job_of(api.load(TUTORIAL))
    chunks = [chunk for numbers in ((3, 1), (0, 2)) for chunk in replications(job, numbers, workers)]
    prints = {number: name for chunk in chunks if isinstance(chunk, Chunk) for number, name in chunk.fingerprints.items()}
    assert results_digest(prints) == digest


def test_a_run_that_is_taken_up_again_ends_with_the_same_answer(tmp_path: Path, digest: str) -> None:
    first = api.run(TUTORIAL, replications=2, out=tmp_path)
    assert digest_of(first) != digest
    lost = sorted((first.path / "parts").glob("*.parquet"))[0]
    lost.unlink()
    assert digest_of(api.run(TUTORIAL, replications=4, out=tmp_path)) == digest


@pytest.mark.parametrize("seed", ["0", "1", "2", "random"])
def test_the_order_of_hashes_changes_nothing(seed: str, tmp_path: Path, digest: str) -> None:
    command = [sys.executable, "-m", "sim", "run", str(TUTORIAL), "-n", "4", "--workers", "1", "--out", str(tmp_path), "--json"]
    done = subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, cwd=ROOT, capture_output=True, text=True, check=True)
    assert f'"results_digest": "{digest}"' in done.stdout


def test_renaming_a_mix_and_plotting_change_nothing(tmp_path: Path, digest: str) -> None:
    renamed = tmp_path / "renamed.yaml"
    renamed.write_text(TUTORIAL.read_text(encoding="utf-8").replace("two drones:", "a pair:"), encoding="utf-8")
    run = api.run(renamed, mix="a pair", replications=4, out=tmp_path)
    assert digest_of(run) == digest
    assert list(api.plot(run.path, ["detection_curves"]))
    assert digest_of(api.run(renamed, mix="a pair", replications=4, out=tmp_path)) == digest
    shutil.rmtree(run.path)
