"""For each {env, url} of stdin: the proxy that httpx, Prefect's HTTP client, takes."""

import json
import os
import sys

import httpx
from httpx._utils import URLPattern, get_environment_proxies

answers = []
for case in json.load(sys.stdin):
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ.update(case["env"])
    # As httpx.Client picks its transport, without making one for each case.
    mounts = {URLPattern(key): value for key, value in get_environment_proxies().items()}
    url = httpx.URL(case["url"])
    patterns = [pattern for pattern in sorted(mounts) if pattern.matches(url)]
    answers.append(mounts[patterns[0]] if patterns else None)
json.dump(answers, sys.stdout)
