"""Python and Node meet on the same files."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from prefect.filesystems import LocalFileSystem

from prefect_ts.dataset import Dataset

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "packages/dataset/test/fixtures/exchange.ts"
TODAY = "2023-07-24"
TEXT = 'carrier,name\nUA,"United – Ünïted"\n' + "x,\u2028\n" * 30_000
CASES = [
    {"dataset_name": "flights", "datastore_type": "local"},
    {"dataset_name": "flights", "rundate": "2013-01-01"},
    {"dataset_name": "flights", "rundate": "2013-01-01", "rundate_type": "latest"},
    {"dataset_name": "a.B_c~d-e", "dataset_type": "reports", "file_format": "ndjson"},
    {"dataset_name": "maps", "dataset_type": "images", "file_format": "svg", "rundate": TODAY},
]


def run_node(request: dict) -> bytes:
    bundled = ROOT / "node_modules/.bin/node"
    done = subprocess.run(
        [str(bundled) if bundled.exists() else shutil.which("node"), SCRIPT],
        input=json.dumps(request).encode(),
        env={**os.environ, "NODE_OPTIONS": "--conditions=@prefect-ts/source"},
        check=False,
        capture_output=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize("base", ["plain", "with space & ünïcode"])
@pytest.mark.parametrize("params", CASES, ids=lambda params: "-".join(params.values()))
def test_exchange(params, base, tmp_path):
    basepath = str(tmp_path / base)
    block = LocalFileSystem(basepath=basepath)
    dataset = Dataset.from_params(params, today=TODAY)
    request = {"basepath": basepath, "params": params, "today": TODAY}

    written = dataset.write(block, TEXT.encode())
    assert run_node({**request, "verb": "read"}) == TEXT.encode()

    answer = json.loads(run_node({**request, "verb": "write", "text": TEXT.upper()}))
    assert dataset.read(block) == TEXT.upper().encode()
    assert answer["paths"] == list(written.paths)
    assert answer["uri"] == written.uri
    assert answer["latest"] == written.latest
    assert answer["bytes"] == len(TEXT.upper().encode())
    assert answer["sha256"] == hashlib.sha256(TEXT.upper().encode()).hexdigest()
    on_disk = [
        path for path in Path(basepath).rglob("*") if path.suffix != ".json" and path.is_file()
    ]
    assert sorted(on_disk) == sorted(Path(basepath) / path for path in written.paths)
