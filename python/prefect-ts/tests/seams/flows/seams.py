"""A flow that calls one job with each of many params and tells what came of it: `python seams.py <script> <params>`."""

import asyncio
import json
import sys
import time

from prefect import flow, task
from prefect.runtime import flow_run

from prefect_ts import NodeJobError, arun_node, node_operation, run_node

script, calls = sys.argv[1], json.loads(sys.argv[2])
async_calls = json.loads(sys.argv[3]) if len(sys.argv) > 3 else calls


@task
def step(params):
    operation = node_operation(script, params)
    began = time.monotonic()
    try:
        result = run_node(operation)
    except NodeJobError as error:
        return {"code": error.code, "message": str(error), "repr": repr(error)}
    return {"result": result, "seconds": time.monotonic() - began, "repr": repr(operation)}


@task
async def astep(params):
    operation = node_operation(script, params)
    began = time.monotonic()
    try:
        result = await arun_node(operation)
    except NodeJobError as error:
        return {"code": error.code, "message": str(error), "repr": repr(error)}
    return {"result": result, "seconds": time.monotonic() - began, "repr": repr(operation)}


@flow
def in_sync():
    return {"flowRun": flow_run.id, "calls": [step(params) for params in calls]}


@flow
async def in_async():
    return {"flowRun": flow_run.id, "calls": [await astep(params) for params in async_calls]}


@flow
def fails():
    run_node(script, {**calls[0], "how": "throw"})


if __name__ == "__main__":
    answers = {"in_sync": in_sync(), "in_async": asyncio.run(in_async())}
    if "block" in calls[0]:
        fails(return_state=True)
    print("ANSWER", json.dumps(answers))
