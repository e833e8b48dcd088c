"""The environment of a Node job: the settings that the flow really uses, as Prefect's variables."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from prefect.context import FlowRunContext
from prefect.settings import get_current_settings

from .errors import NodeJobError

_GROUPS = ("PREFECT_API", "PREFECT_CLIENT", "PREFECT_CLOUD", "PREFECT_LOGGING", "PREFECT_RESULTS")


def job_environment(env: Mapping[str, str]) -> dict[str, str]:
    """This process's environment, under the flow's Prefect settings, under the given `env`.

    Settings that came from a profile, a file or `temporary_settings` reach the job as variables;
    inherited variables of the same groups are left out, for they may say something else.
    """
    inherited = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    return {**inherited, **_settings(), **env}


def mask_settings(text: str) -> str:
    """`text` with the key, password and header values of the flow's settings replaced by asterisks."""
    for secret in sorted(_secrets(), key=len, reverse=True):
        text = text.replace(secret, "********")
    return text


def _is_setting(name: str) -> bool:
    upper = name.upper()
    return any(upper == group or upper.startswith(f"{group}_") for group in _GROUPS)


def _settings() -> dict[str, str]:
    settings = get_current_settings()
    values = {
        name: value
        for name, value in settings.to_environment_variables(
            exclude_unset=True, include_secrets=True
        ).items()
        if _is_setting(name)
    }
    if not settings.api.url:
        values.pop("PREFECT_API_URL", None)
        url = _temporary_server_url()
        if url is None:
            return values
        values["PREFECT_API_URL"] = url
    # Empty is set: a key in the `.env` of the job's folder must not go to the flow's server.
    empty = {
        "PREFECT_API_KEY": "",
        "PREFECT_API_AUTH_STRING": "",
        "PREFECT_CLIENT_CUSTOM_HEADERS": "{}",
    }
    return {**empty, **values}


def _temporary_server_url() -> str | None:
    """The address of the server that Prefect started inside this process for want of a URL."""
    # Imported only by who starts such a server; importing it takes seconds.
    module = sys.modules.get("prefect.server.api.server")
    servers = getattr(getattr(module, "SubprocessASGIServer", None), "_instances", {})
    for server in list(servers.values()):
        if server.running and server.port is not None:
            return server.api_url
    if FlowRunContext.get() is None:
        return None
    raise NodeJobError(
        "The flow has no Prefect API URL to hand to its Node job: it runs on a temporary server that"
        " another process started. Set PREFECT_API_URL, or choose a profile that has it",
        "NO_API_URL",
    )


def _secrets() -> set[str]:
    settings = get_current_settings()
    found: list[str] = []
    if settings.api.key:
        found.append(settings.api.key.get_secret_value())
    if settings.api.auth_string:
        pair = settings.api.auth_string.get_secret_value()
        found += [pair, pair.partition(":")[2], base64.b64encode(pair.encode()).decode()]
    found += settings.client.custom_headers.values()
    found += [json.dumps(value)[1:-1] for value in found]
    if settings.api.url:
        found.append(urlsplit(settings.api.url).password or "")
    return {secret for secret in found if len(secret) >= 6}
