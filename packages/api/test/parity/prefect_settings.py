"""What Python's Prefect makes of folders with settings: cases on stdin, answers on stdout, as JSON.

`load`: Prefect is imported once, and its own loading code runs again for each case.
`cli`: a real `prefect config view --show-sources` for each case, in a fork that has every module
but Prefect's own already loaded.
"""

import contextlib
import functools
import importlib
import io
import json
import logging
import math
import os
import sys
import tempfile
import traceback
import warnings
from pathlib import Path

PATHS = {
    "apiUrl": "api.url",
    "apiKey": "api.key",
    "authString": "api.auth_string",
    "customHeaders": "client.custom_headers",
    "requestTimeoutMs": "api.request_timeout",
    "maxRetries": "client.max_retries",
    "retryJitterFactor": "client.retry_jitter_factor",
    "retryExtraCodes": "client.retry_extra_codes",
    "csrfSupportEnabled": "client.csrf_support_enabled",
    "tlsInsecureSkipVerify": "api.tls_insecure_skip_verify",
    "sslCertFile": "api.ssl_cert_file",
    "loggingToApiEnabled": "logging.to_api.enabled",
    "loggingLevel": "logging.level",
    "loggingMaxLogSize": "logging.to_api.max_log_size",
    "cloudApiUrl": "cloud.api_url",
    "cloudMaxLogSize": "cloud.max_log_size",
}
KINDS = {
    "EnvFilterSettingsSource": "environment",
    "FilteredDotEnvSettingsSource": "dotenv",
    "PrefectTomlConfigSettingsSource": "prefect.toml",
    "PyprojectTomlConfigSettingsSource": "pyproject.toml",
    "ProfileSettingsTomlLoader": "profile",
}


def enter(case):
    os.chdir(case["cwd"])
    os.environ.clear()
    os.environ.update(case["env"])


def plain(value):
    if hasattr(value, "get_secret_value"):
        return value.get_secret_value()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return sorted(value) if isinstance(value, set) else value


def sources_of(cls, cache):
    """Each source of a settings class with what it has, in the order of precedence."""
    from pydantic_settings import InitSettingsSource

    if cls not in cache:
        init = InitSettingsSource(cls, {})
        given = cls.settings_customise_sources(cls, init, None, None, None)
        cache[cls] = [
            (KINDS[type(it).__name__], it()) for it in given if type(it).__name__ in KINDS
        ]
    return cache[cls]


def source_of(path, cache):
    """The first of Prefect's own sources that has a value; a group's JSON counts as an argument."""
    from prefect.settings import Settings

    names = path.split(".")
    cls = Settings
    for depth, name in enumerate(names):
        for kind, data in sources_of(cls, cache):
            for key in names[depth:]:
                data = data.get(key, ...) if isinstance(data, dict) else ...
            if data is not ...:
                return kind
        if depth < len(names) - 1:
            cls = cls.model_fields[name].annotation
    return "default"


def load(cases):
    import prefect.context
    import prefect.settings.context
    import prefect.settings.sources as sources
    from prefect.settings.legacy import _get_valid_setting_names
    from prefect.settings.models.root import Settings

    # The groups that are not compared, made once: they are nine tenths of the work.
    groups = {"api", "client", "cloud", "logging", "testing"}
    rest = {
        name: field.annotation()
        for name, field in Settings.model_fields.items()
        if name not in groups and hasattr(field.annotation, "model_fields")
    }
    unreadable = []
    handler = logging.Handler()
    handler.emit = lambda record: unreadable.append(record.getMessage())
    logging.getLogger("dotenv.main").addHandler(handler)
    logging.getLogger("dotenv.main").propagate = False
    results = []
    for case in cases:
        enter(case)
        whole = any(name.startswith("PREFECT_SERVER_") for name in case["env"])
        make = Settings if whole else functools.partial(Settings, **rest)
        prefect.context.Settings = prefect.settings.context.Settings = make
        # Else profiles are looked up by the settings of the case before.
        prefect.context.GLOBAL_SETTINGS_CONTEXT = None
        # Module constant, from the home folder of the import.
        sources.DEFAULT_PREFECT_HOME = Path.home() / ".prefect"
        stderr = io.StringIO()
        unreadable.clear()
        with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stderr(stderr):
            warnings.simplefilter("always")
            try:
                context = prefect.context.root_settings_context()
                values = {}
                for key, path in PATHS.items():
                    value = context.settings
                    for name in path.split("."):
                        value = getattr(value, name)
                    values[key] = plain(value)
                cache = {}
                kinds = {key: source_of(path, cache) for key, path in PATHS.items()}
                if context.settings.debug_mode or context.settings.testing.test_mode:
                    kinds["loggingLevel"] = "environment"
                result = {
                    "values": values,
                    "sources": kinds,
                    "profile": context.profile.name,
                }
            except Exception as error:
                result = {"error": "".join(traceback.format_exception_only(error))[:300]}
        # Each file is read many times.
        result["warnings"] = sorted({str(it.message) for it in caught} | set(unreadable))
        result["profileWarning"] = "Active profile" in stderr.getvalue()
        results.append(result)
    return {"results": results, "names": sorted(_get_valid_setting_names(Settings))}


def preload():
    """Imports every module that `prefect config view` needs, but Prefect's own."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        import prefect.cli.config  # noqa: F401

        names = [name for name in sys.modules if name.split(".")[0] not in ("prefect", "__main__")]
        os.write(writer, json.dumps(names).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        names = json.load(stream)
    os.wait()
    for name in names:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def view(case, output):
    enter(case)
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    sys.argv = ["/bin/prefect", "config", "view", "--show-sources", "--show-secrets"]
    code = 1
    try:
        from prefect.cli import app

        app()
    except SystemExit as exit:
        code = exit.code or 0
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def cli(cases):
    preload()
    results = []
    for case in cases:
        with tempfile.TemporaryFile() as output:
            child = os.fork()
            if child == 0:
                view(case, output)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            output.seek(0)
            results.append({"code": code, "output": output.read().decode()})
    return {"results": results}


if __name__ == "__main__":
    answer = {"load": load, "cli": cli}[sys.argv[1]](json.load(sys.stdin))
    json.dump(answer, sys.stdout)
