"""The Node job alone, on a day that is extracted already: its deployment's form is the job's own schema."""

from __future__ import annotations

from typing import Any

from prefect import flow

from blocks import DATA_BLOCK, DATASTORE_TYPE
from etl import JOB
from prefect_ts import job_params, run_node

# Asks the job (`node main.js --describe`), so that the server refuses what the job would refuse.
CarrierDelaysParams = job_params(JOB)


@flow(name="carrier-delays")
def report(params: CarrierDelaysParams) -> dict[str, Any]:
    """Reports a day again, from the flights that are in the datastore."""
    return run_node(JOB, params, datastores={DATASTORE_TYPE: DATA_BLOCK})
