"""Flows that tests start as processes: `python container.py <mode> <base URL> <image> <create kwargs as JSON>`."""

import asyncio
import json
import sys

from prefect import flow, task
from prefect_docker import DockerHost

from prefect_ts import arun_node_container, run_node_container

mode, base_url, image, create_kwargs = sys.argv[1:]
options = {
    "docker_host": DockerHost(base_url=base_url),
    "container_create_kwargs": json.loads(create_kwargs),
}


@flow
def in_flow():
    return run_node_container(image, {"what": "wait"}, **options)


@task
def step():
    return run_node_container(image, {"what": "wait"}, **options)


@flow
def in_submitted_task():
    return step.submit().result()


@flow
async def in_async_flow():
    return await arun_node_container(image, {"what": "wait"}, **options)


flows = {"flow": in_flow, "submit": in_submitted_task, "async": in_async_flow}

if __name__ == "__main__":
    answer = flows[mode]()
    if asyncio.iscoroutine(answer):
        asyncio.run(answer)
