"""Conditional reads and writes through the clients that Prefect's own blocks make.

A block's `write_path` overwrites whatever is there; these do it only over the version that was seen.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ._files import UnchangedFile

ANY = "any"
"""Condition of `put`: over whatever is there."""


class ChangedError(Exception):
    """The object is not the version that the write was meant for."""


@dataclass(frozen=True)
class Content:
    """What is to be written, and its digest."""

    source: bytes | Path
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Found:
    """An object's version and metadata."""

    etag: str
    metadata: Mapping[str, str]


class Objects(Protocol):
    """A block's objects, by the keys that the block itself would use."""

    def locate(self, path: str) -> str:
        """The object's URL."""
        ...

    def head(self, path: str) -> Found | None:
        """The object's version and metadata, None when there is none."""
        ...

    def get(self, path: str, etag: str) -> bytes:
        """The content of that version. Raises ChangedError when it is another one."""
        ...

    def put(
        self,
        path: str,
        content: Content,
        metadata: Mapping[str, str],
        condition: Found | str | None,
    ) -> str:
        """Writes whole or not at all, over `condition`: a version, None for no object, or ANY.

        Gives the new etag. Raises ChangedError when something else is there.
        """
        ...

    def list(self, folder: str) -> Iterator[str]:
        """The paths of the objects below a folder, in no certain order."""
        ...


def objects_of(block: Any) -> Objects | None:
    """The objects of an S3Bucket, GcsBucket or AzureBlobStorageContainer; None for any other block."""
    names = {f"{each.__module__}.{each.__qualname__}" for each in type(block).__mro__}
    if "prefect_aws.s3.S3Bucket" in names:
        return S3Objects(block)
    if "prefect_gcp.cloud_storage.GcsBucket" in names:
        return GcsObjects(block)
    if "prefect_azure.blob_storage.AzureBlobStorageContainer" in names:
        return AzureObjects(block)
    return None


class S3Objects:
    """Through boto3, with the credentials of the block."""

    def __init__(self, block: Any):
        self._block = block
        self._client = block._get_s3_client()

    def locate(self, path: str) -> str:
        return f"s3://{self._block.bucket_name}/{self._block._resolve_path(path)}"

    def _at(self, path: str) -> dict[str, str]:
        return {"Bucket": self._block.bucket_name, "Key": self._block._resolve_path(path)}

    def list(self, folder: str) -> Iterator[str]:
        at = self._block._resolve_path(folder)
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._block.bucket_name, Prefix=f"{at}/"
        )
        for page in pages:
            for found in page.get("Contents", []):
                yield folder + found["Key"][len(at) :]

    def head(self, path: str) -> Found | None:
        from botocore.exceptions import ClientError

        try:
            found = self._client.head_object(**self._at(path))
        except ClientError as error:
            if _s3_code(error) in ("404", "NoSuchKey", "NotFound"):
                return None
            raise
        return Found(found["ETag"], found.get("Metadata", {}))

    def get(self, path: str, etag: str) -> bytes:
        with self._changes():
            content: bytes = self._client.get_object(**self._at(path), IfMatch=etag)["Body"].read()
            return content

    def put(
        self,
        path: str,
        content: Content,
        metadata: Mapping[str, str],
        condition: Found | str | None,
    ) -> str:
        if isinstance(condition, Found):
            when = {"IfMatch": condition.etag}
        else:
            when = {"IfNoneMatch": "*"} if condition is None else {}
        with self._changes(), _opened(content) as body:
            done = self._client.put_object(
                **self._at(path), Body=body, Metadata=dict(metadata), **when
            )
        return str(done["ETag"])

    @contextlib.contextmanager
    def _changes(self) -> Iterator[None]:
        from botocore.exceptions import ClientError

        try:
            yield
        except ClientError as error:
            if _s3_code(error) in (
                "PreconditionFailed",
                "ConditionalRequestConflict",
                "NoSuchKey",
                "412",
                "409",
            ):
                raise ChangedError from error
            raise


def _s3_code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


class GcsObjects:
    """Through google-cloud-storage, with the credentials of the block. An etag is a generation."""

    def __init__(self, block: Any):
        self._block = block
        # Not the block's get_bucket: that needs the permission storage.buckets.get.
        client = block.gcp_credentials.get_cloud_storage_client()
        self._bucket = client.bucket(block.bucket)

    def locate(self, path: str) -> str:
        return f"gs://{self._block.bucket}/{self._block._resolve_path(path)}"

    def list(self, folder: str) -> Iterator[str]:
        at = self._block._resolve_path(folder)
        for blob in self._bucket.list_blobs(prefix=f"{at}/"):
            yield folder + blob.name[len(at) :]

    def head(self, path: str) -> Found | None:
        blob = self._bucket.get_blob(self._block._resolve_path(path))
        return blob and Found(str(blob.generation), blob.metadata or {})

    def get(self, path: str, etag: str) -> bytes:
        from google.api_core.exceptions import NotFound, PreconditionFailed

        blob = self._bucket.blob(self._block._resolve_path(path))
        try:
            content: bytes = blob.download_as_bytes(if_generation_match=int(etag))
            return content
        except (NotFound, PreconditionFailed) as error:
            raise ChangedError from error

    def put(
        self,
        path: str,
        content: Content,
        metadata: Mapping[str, str],
        condition: Found | str | None,
    ) -> str:
        from google.api_core.exceptions import NotFound, PreconditionFailed

        blob = self._bucket.blob(self._block._resolve_path(path))
        blob.metadata = dict(metadata)
        # Generation 0: there is none.
        match = None if condition == ANY else int(condition.etag) if condition else 0  # type: ignore[union-attr]
        try:
            with _opened(content) as body:
                blob.upload_from_file(body, if_generation_match=match, checksum="crc32c")
        except (NotFound, PreconditionFailed) as error:
            if match is None:
                raise
            raise ChangedError from error
        return str(blob.generation)


class AzureObjects:
    """Through azure-storage-blob, with the credentials of the block."""

    def __init__(self, block: Any):
        self._block = block
        self._container = _azure_container(block)

    def _name(self, path: str) -> str:
        return str(self._block._get_path_relative_to_base_folder(path))

    def locate(self, path: str) -> str:
        return f"az://{self._block.container_name}/{self._name(path)}"

    def list(self, folder: str) -> Iterator[str]:
        at = self._name(folder)
        for name in self._container.list_blob_names(name_starts_with=f"{at}/"):
            yield folder + name[len(at) :]

    def head(self, path: str) -> Found | None:
        from azure.core.exceptions import ResourceNotFoundError

        try:
            found = self._container.get_blob_client(self._name(path)).get_blob_properties()
        except ResourceNotFoundError:
            return None
        # Names of metadata have to be C# identifiers there: `-` stands as `_`.
        plain = {name.replace("_", "-"): value for name, value in (found.metadata or {}).items()}
        return Found(found.etag, plain)

    def get(self, path: str, etag: str) -> bytes:
        from azure.core import MatchConditions

        with self._changes():
            blob = self._container.get_blob_client(self._name(path))
            stream = blob.download_blob(etag=etag, match_condition=MatchConditions.IfNotModified)
            content: bytes = stream.readall()
            return content

    def put(
        self,
        path: str,
        content: Content,
        metadata: Mapping[str, str],
        condition: Found | str | None,
    ) -> str:
        from azure.core import MatchConditions

        when: dict[str, Any] = {}
        if isinstance(condition, Found):
            when = {"etag": condition.etag, "match_condition": MatchConditions.IfNotModified}
        blob = self._container.get_blob_client(self._name(path))
        with self._changes(), _opened(content) as body:
            done = blob.upload_blob(
                body,
                overwrite=condition is not None,
                metadata={name.replace("-", "_"): value for name, value in metadata.items()},
                **when,
            )
        return str(done["etag"])

    @contextlib.contextmanager
    def _changes(self) -> Iterator[None]:
        from azure.core.exceptions import (
            ResourceExistsError,
            ResourceModifiedError,
            ResourceNotFoundError,
        )

        try:
            yield
        except (ResourceExistsError, ResourceModifiedError) as error:
            raise ChangedError from error
        except ResourceNotFoundError as error:
            if getattr(error, "error_code", None) == "ContainerNotFound":
                raise
            raise ChangedError from error


def _azure_container(block: Any) -> Any:
    """A sync client: the block's own is for async code only."""
    from azure.storage.blob import ContainerClient

    credentials, name = block.credentials, block.container_name
    if credentials.connection_string is not None:
        text = credentials.connection_string.get_secret_value()
        return ContainerClient.from_connection_string(text, name)
    from azure.identity import ClientSecretCredential, DefaultAzureCredential

    if credentials.client_id is None:
        credential: Any = DefaultAzureCredential()
    else:
        secret = credentials.client_secret.get_secret_value()
        credential = ClientSecretCredential(credentials.tenant_id, credentials.client_id, secret)
    return ContainerClient(credentials.account_url, name, credential)


@contextlib.contextmanager
def _opened(content: Content) -> Iterator[Any]:
    if isinstance(content.source, bytes):
        yield io.BytesIO(content.source)
        return
    with open(content.source, "rb") as file:
        yield UnchangedFile(file, content.bytes, content.sha256)
