"""The example flow from a database: Python and Node read the same tables by the same block."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow, task

from blocks import LOCAL_BLOCK
from prefect_ts import run_node

JOB = Path(__file__).parents[1] / "dist" / "warehouse.js"


@task(task_run_name="warehouse-{rundate}")
def report(rundate: str, warehouse_block: str) -> dict[str, Any]:
    """Runs the Node job for the day: it gets the name of the block, never the password."""
    params = {"rundate": rundate, "warehouse_block": warehouse_block}
    return run_node(JOB, params=params, datastores={"local": LOCAL_BLOCK})


@flow(name="etl-warehouse")
def etl_warehouse(rundate: str, warehouse_block: str) -> dict[str, Any]:
    """Reports the day from the tables that the block names."""
    return report(rundate, warehouse_block)
