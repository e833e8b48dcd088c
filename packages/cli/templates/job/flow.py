"""The flow: writes the orders of a day, and has the Node job add them up."""

import os
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prefect import flow, task
from prefect.blocks.core import Block
from prefect.filesystems import LocalFileSystem

from prefect_ts import Dataset, run_node

HERE = Path(__file__).parent
OWN_BLOCK = "local-file-system/{{name}}"
# The block says where the data is: the flow and the job are the same everywhere.
BLOCK = os.environ.get("PREFECT_DATA_BLOCK_LOCAL") or OWN_BLOCK


@dataclass
class Totals:
    """What the job returns."""

    customers: int
    amount: float
    path: str


@task
def extract(rundate: str) -> None:
    """Writes the day's orders; yours come from somewhere."""
    orders = b"customer,amount\nAda,12.5\nGrace,30\nAda,7.5\n"
    Dataset(name="orders", rundate=rundate, format="csv").write(Block.load(BLOCK), orders)


@task
def add_up(rundate: str) -> Totals:
    """Runs the Node job."""
    return run_node(
        HERE / "src" / "main.ts",
        {"rundate": rundate},
        datastores={"local": BLOCK},
        result_type=Totals,
    )


@flow(name="{{name}}")
def totals(rundate: str) -> Totals:
    extract(rundate)
    return add_up(rundate)


def register_block() -> None:
    """Saves the block of this project where the server has none: the folder .data."""
    try:
        Block.load(OWN_BLOCK)
    except ValueError:
        LocalFileSystem(basepath=str(HERE / ".data")).save(OWN_BLOCK.split("/")[1])


if __name__ == "__main__":
    if BLOCK == OWN_BLOCK:
        register_block()
    print(totals(sys.argv[1] if len(sys.argv) > 1 else date.today().isoformat()))
