"""Flows that tests start as processes: `python main.py <mode> <script> <params as JSON>`."""

import asyncio
import json
import sys

from prefect import flow, task

from prefect_ts import arun_node, run_node

mode, script, params = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])


@flow
def in_flow():
    return run_node(script, params)


@task
def step(params):
    return run_node(script, params)


@flow
def in_task():
    return step(params)


def _numbered():
    return [{**params, "pidFile": f"{params['pidFile']}{number}"} for number in range(3)]


@flow
def in_map():
    return step.map(_numbered()).result()


@flow
def left_alone():
    """Returns while its task still runs."""
    import time

    step.submit(params)
    time.sleep(3)


@flow
async def in_async_flow():
    return await arun_node(script, params)


@task
async def async_step(params):
    return await arun_node(script, params)


@flow
def in_async_map():
    return async_step.map(_numbered()).result()


@flow
async def in_gather():
    return await asyncio.gather(*map(async_step, _numbered()))


@flow
def in_subflow():
    return in_flow()


flows = {
    "flow": in_flow,
    "task": in_task,
    "map": in_map,
    "left": left_alone,
    "async": in_async_flow,
    "async-map": in_async_map,
    "gather": in_gather,
    "subflow": in_subflow,
}

if __name__ == "__main__":
    if mode == "plain":
        answer = run_node(script, params)
    elif mode == "serve":
        in_flow.serve(name=params["deployment"])
        answer = None
    else:
        answer = flows[mode]()
        if asyncio.iscoroutine(answer):
            answer = asyncio.run(answer)
    print("ANSWER", json.dumps(answer))
