"""Flows that the tests serve, or have run by a worker. `python flows.py <deployment name>` serves them."""

import sys
import time

from prefect import flow, get_run_logger, serve


@flow(persist_result=True, result_serializer="json")
def greet(name: str = "you", count: int = 1) -> dict[str, str]:
    for index in range(count):
        get_run_logger().info("line %d for %s", index, name)
    return {"greeting": f"hello {name}"}


@flow
def fail() -> None:
    raise ValueError("no luck today")


@flow
def count(lines: int = 1, pause: float = 1) -> None:
    logger = get_run_logger()
    for index in range(lines):
        logger.info("line %d", index)
        time.sleep(pause)


if __name__ == "__main__":
    served = (greet, fail, count)
    serve(*(each.to_deployment(sys.argv[1]) for each in served))
