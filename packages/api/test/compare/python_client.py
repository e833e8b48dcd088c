"""Makes the calls of stdin with Prefect's own client, without waiting between attempts."""

import asyncio
import json
import sys
import warnings

import anyio
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

warnings.filterwarnings("ignore")
waits = []


async def record(seconds):
    waits.append(seconds)


anyio.sleep = record


async def call(case):
    waits.clear()
    with temporary_settings({PREFECT_API_URL: case["url"]}):
        async with get_client() as client:
            try:
                arguments = {} if case["body"] is None else {"json": case["body"]}
                request = client._client.request
                response = await request(case["method"], case["path"], **arguments)
                response.raise_for_status()
                response.json()
                end = "answer"
            except Exception as error:
                kind = type(error).__name__
                status = getattr(getattr(error, "response", None), "status_code", None)
                end = kind if status is None else f"{kind} {status}"
                if "c4nary" in str(error):
                    end += ", secret in the message"
    return {"waits": list(waits), "end": end}


async def main():
    print(json.dumps([await call(case) for case in json.load(sys.stdin)]))


asyncio.run(main())
