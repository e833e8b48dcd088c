"""What the tests of containers share: the inputs of the example's job, and what a run left in Prefect."""

from __future__ import annotations

import time
import uuid
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    LogFilter,
    LogFilterFlowRunId,
)

from prefect_ts import Dataset

DAY = "2013-01-01"
FLIGHTS = """\
year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,\
tailnum,origin,dest,air_time,distance,hour,minute,time_hour
2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z
"""


def write_inputs(block: Any) -> None:
    Dataset(name="flights", rundate=DAY, format="csv").write(block, FLIGHTS.encode())
    Dataset(name="airlines", rundate=DAY, format="csv").write(block, b"carrier,name\nUA,United\n")


def load_bucket(reference: str) -> Any:
    from prefect_aws import S3Bucket

    return S3Bucket.load(reference.partition("/")[2])


def until(look: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def read_logs(flow_run_id: str, text: str) -> list[Any]:
    """The log of a flow run, as soon as it has the text."""
    flow_filter = LogFilterFlowRunId(any_=[uuid.UUID(flow_run_id)])
    found: list[Any] = []

    def look() -> bool:
        with get_client(sync_client=True) as client:
            found[:] = client.read_logs(LogFilter(flow_run_id=flow_filter))
        return any(text in line.message for line in found)

    until(look)
    return found


def read_artifact_keys(flow_run_id: str) -> list[str]:
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[uuid.UUID(flow_run_id)]))
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=only)
    return sorted(artifact.key for artifact in found if artifact.key)


def read_report(block: Any) -> bytes:
    """What the job wrote."""
    report = Dataset(name="carrier_delays", type="reports", format="parquet", rundate=DAY)
    return report.read(block)


def stored_results(block: Any) -> list[str]:
    """Keys of result records."""
    keys = [found["Key"] for found in block.list_objects()]
    return [key for key in keys if key.startswith("prefect-ts-")]
