"""The blocks of the example: where its data is, and the key that signs its reports."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from prefect.blocks.system import Secret
from prefect.filesystems import LocalFileSystem

LOCAL_BLOCK = os.environ.get("PREFECT_DATA_BLOCK_LOCAL", "local-file-system/etl-data")
SIGNING_KEY_BLOCK = "secret/etl-signing-key"


def register_blocks(data_directory: Path) -> None:
    """Registers the blocks on the server in use. Safe to repeat: an existing signing key is kept."""
    data_directory.mkdir(parents=True, exist_ok=True)
    LocalFileSystem(basepath=str(data_directory.resolve())).save(
        LOCAL_BLOCK.split("/")[1], overwrite=True
    )
    try:
        Secret.load("etl-signing-key")
    except ValueError:
        Secret(value=secrets.token_hex(32)).save("etl-signing-key")


if __name__ == "__main__":
    register_blocks(Path(os.environ["PREFECT_TS_DATA_DIRECTORY"]))
    print(f"{LOCAL_BLOCK}, {SIGNING_KEY_BLOCK}: registered on {os.environ['PREFECT_API_URL']}")
