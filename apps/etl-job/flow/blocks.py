"""The blocks of the example: where its data is, and the key that signs its reports."""

from __future__ import annotations

import importlib
import json
import logging
import os
import secrets
import sys
from pathlib import Path

from prefect.blocks.core import Block
from prefect.blocks.system import Secret
from prefect.exceptions import ObjectNotFound
from prefect.filesystems import LocalFileSystem

# `just deploy` looks for these too.
DEFAULTS = json.loads(Path(__file__).with_name("blocks.json").read_text("utf-8"))
LOCAL_BLOCK = os.environ.get("PREFECT_DATA_BLOCK_LOCAL") or DEFAULTS["local"]
REMOTE_BLOCK = os.environ.get("PREFECT_DATA_BLOCK_REMOTE") or DEFAULTS["remote"]
DATASTORE_TYPE = os.environ.get("PREFECT_DATASTORE_DEFAULT_TYPE") or "local"
if DATASTORE_TYPE not in ("local", "remote"):
    sys.exit(f'PREFECT_DATASTORE_DEFAULT_TYPE is "{DATASTORE_TYPE}", not "local" or "remote".')
DATA_BLOCK = REMOTE_BLOCK if DATASTORE_TYPE == "remote" else LOCAL_BLOCK
SIGNING_KEY_BLOCK = DEFAULTS["signingKey"]
# The folder in a bucket: environments may share the bucket, their blocks name a folder each.
FOLDER = f"willowdata/{os.environ.get('PREFECT_TS_ENV') or 'dev'}"


class DataBlockError(Exception):
    """The data block can't be had; the message says why and what to do."""


def load_data_block() -> Block:
    """The block that holds the data, whatever its type."""
    slug, name = DATA_BLOCK.split("/")
    module, class_name = CLASSES[slug]
    # By its own class: Block.load imports every Prefect collection that is installed, which takes seconds.
    return getattr(importlib.import_module(module), class_name).load(name)


def register_blocks(data_directory: Path) -> str:
    """Registers the blocks on the server in use and says where the data is.

    Safe to repeat. Kept as they are: a data block of another name than the example's own, one in
    a store whose settings are not given, and the signing key.
    """
    slug, _, name = DATA_BLOCK.partition("/")
    if slug not in REGISTER or not name:
        raise DataBlockError(
            f'"{DATA_BLOCK}" is no block of this flow: {", ".join(REGISTER)}, "/" and a name.'
        )
    register, *settings = REGISTER[slug]
    missing = [setting for setting in settings if not os.environ.get(setting)]
    if (missing or name != "etl-data") and _is_registered():
        where = f"the block {DATA_BLOCK}"
    elif missing:
        raise DataBlockError(
            f"The server has no block {DATA_BLOCK}: save it, or set {', '.join(missing)}."
        )
    else:
        where = register(name, data_directory)
    signing_key = SIGNING_KEY_BLOCK.partition("/")[2]
    try:
        Secret.load(signing_key)
    except ValueError:
        Secret(value=secrets.token_hex(32)).save(signing_key)
    return where


def _is_registered() -> bool:
    try:
        load_data_block()
    except ValueError as error:
        if isinstance(error.__cause__, ObjectNotFound):
            return False
        raise
    return True


def _register_local(name: str, data_directory: Path) -> str:
    data_directory.mkdir(parents=True, exist_ok=True)
    LocalFileSystem(basepath=str(data_directory.resolve())).save(name, overwrite=True)
    return os.path.relpath(data_directory)


def _register_s3(name: str, _data_directory: Path) -> str:
    """A bucket of the server at PREFECT_TS_S3_ENDPOINT, with credentials in a block of their own."""
    from prefect_aws import AwsCredentials, S3Bucket
    from prefect_aws.client_parameters import AwsClientParameters

    endpoint = os.environ["PREFECT_TS_S3_ENDPOINT"]
    AwsCredentials(
        aws_access_key_id=os.environ["PREFECT_TS_S3_ACCESS_KEY_ID"],
        aws_secret_access_key=os.environ["PREFECT_TS_S3_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
        aws_client_parameters=AwsClientParameters(endpoint_url=endpoint),
    ).save(name, overwrite=True)
    credentials = AwsCredentials.load(name)
    client = credentials.get_s3_client()
    if "etl-data" not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket="etl-data")
    bucket = S3Bucket(bucket_name="etl-data", credentials=credentials, bucket_folder=FOLDER)
    bucket.save(name, overwrite=True)
    return f"s3://etl-data/{FOLDER} at {endpoint}"


def _register_gcs(name: str, _data_directory: Path) -> str:
    """A bucket of the server at STORAGE_EMULATOR_HOST, with the key of PREFECT_TS_GCS_KEY."""
    from prefect_gcp import GcpCredentials
    from prefect_gcp.cloud_storage import GcsBucket

    key = json.loads(os.environ["PREFECT_TS_GCS_KEY"])
    GcpCredentials(service_account_info=key).save(name, overwrite=True)
    credentials = GcpCredentials.load(name)
    client = credentials.get_cloud_storage_client()
    if client.lookup_bucket("etl-data") is None:
        client.create_bucket("etl-data")
    bucket = GcsBucket(bucket="etl-data", gcp_credentials=credentials, bucket_folder=FOLDER)
    bucket.save(name, overwrite=True)
    return f"gs://etl-data/{FOLDER} at {os.environ['STORAGE_EMULATOR_HOST']}"


def _register_azure(name: str, _data_directory: Path) -> str:
    """A container of the account of PREFECT_TS_AZURE_CONNECTION_STRING."""
    from azure.storage.blob import BlobServiceClient
    from prefect_azure import AzureBlobStorageCredentials
    from prefect_azure.blob_storage import AzureBlobStorageContainer

    connection_string = os.environ["PREFECT_TS_AZURE_CONNECTION_STRING"]
    AzureBlobStorageCredentials(connection_string=connection_string).save(name, overwrite=True)
    with BlobServiceClient.from_connection_string(connection_string) as service:
        container = service.get_container_client("etl-data")
        if not container.exists():
            container.create_container()
        where = container.url
    block = AzureBlobStorageContainer(
        container_name="etl-data",
        credentials=AzureBlobStorageCredentials.load(name),
        base_folder=FOLDER,
    )
    block.save(name, overwrite=True)
    return f"{where}/{FOLDER}"


# How a block of each type is made, and the settings that needs.
REGISTER = {
    "local-file-system": (_register_local,),
    "s3-bucket": (
        _register_s3,
        "PREFECT_TS_S3_ENDPOINT",
        "PREFECT_TS_S3_ACCESS_KEY_ID",
        "PREFECT_TS_S3_SECRET_ACCESS_KEY",
    ),
    "gcs-bucket": (_register_gcs, "STORAGE_EMULATOR_HOST", "PREFECT_TS_GCS_KEY"),
    "azure-blob-storage-container": (_register_azure, "PREFECT_TS_AZURE_CONNECTION_STRING"),
}
CLASSES = {
    "local-file-system": ("prefect.filesystems", "LocalFileSystem"),
    "s3-bucket": ("prefect_aws", "S3Bucket"),
    "gcs-bucket": ("prefect_gcp.cloud_storage", "GcsBucket"),
    "azure-blob-storage-container": ("prefect_azure.blob_storage", "AzureBlobStorageContainer"),
}


if __name__ == "__main__":
    # Prefect warns at exit of events that it is still sending, and sends them.
    logging.disable(logging.WARNING)
    try:
        register_blocks(Path(os.environ["PREFECT_TS_DATA_DIRECTORY"]))
    except DataBlockError as error:
        sys.exit(str(error))
    print(f"{DATA_BLOCK}, {SIGNING_KEY_BLOCK}: registered on {os.environ['PREFECT_API_URL']}")
