"""Reads and writes with Prefect's own blocks, one JSON command per line, for the tests of stores.

Commands: {"block": slug, "data": {...}, "write": [[path, text], ...], "read": [path, ...]}. The answer has for
each write the path that it returned, for each read the text; or {"error": "Type: message"} instead.
"""

import asyncio
import json
import sys

import prefect_aws
import prefect_azure
import prefect_azure.blob_storage
import prefect_gcp
import prefect_gcp.cloud_storage
from prefect.filesystems import RemoteFileSystem


def open_block(slug: str, data: dict):
    if slug == "s3-bucket":
        fields = data.pop("credentials")
        is_minio = "minio_root_user" in fields
        type_ = prefect_aws.MinIOCredentials if is_minio else prefect_aws.AwsCredentials
        return prefect_aws.S3Bucket(credentials=type_(**fields), **data)
    if slug == "gcs-bucket":
        credentials = prefect_gcp.GcpCredentials(**data.pop("gcp_credentials"))
        return prefect_gcp.cloud_storage.GcsBucket(gcp_credentials=credentials, **data)
    if slug == "azure-blob-storage-container":
        credentials = prefect_azure.AzureBlobStorageCredentials(**data.pop("credentials"))
        return prefect_azure.blob_storage.AzureBlobStorageContainer(credentials=credentials, **data)
    if slug == "remote-file-system":
        return RemoteFileSystem(**data)
    raise ValueError(f"no block {slug}")


async def attempt(work):
    try:
        return await work
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


async def answer(command: dict):
    block = open_block(command["block"], command["data"])
    limit = asyncio.Semaphore(8)
    write_path = getattr(block, "awrite_path", block.write_path)
    read_path = getattr(block, "aread_path", block.read_path)

    async def write(path: str, text: str):
        async with limit:
            return await attempt(write_path(path, text.encode()))

    async def read(path: str):
        async with limit:
            content = await attempt(read_path(path))
            return content.decode() if isinstance(content, bytes) else content

    return {
        "written": await asyncio.gather(*(write(*each) for each in command["write"])),
        "read": await asyncio.gather(*(read(path) for path in command["read"])),
    }


async def main():
    output = sys.stdout
    sys.stdout = sys.stderr
    print("ready", file=output, flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        try:
            result = await answer(json.loads(line))
        except Exception as error:
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(result), file=output, flush=True)


asyncio.run(main())
