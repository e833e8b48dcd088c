"""Runs commands one by one for the harness: a JSON line {command, env} in, one {wallMs, cpuMs, peakMiB, ...} out."""

import json
import os
import sys
import tempfile
import time

for line in sys.stdin:
    job = json.loads(line)
    with tempfile.TemporaryFile() as output:
        redirect = [
            (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
            (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
        ]
        start = time.perf_counter()
        pid = os.posix_spawnp(job["command"][0], job["command"], job["env"], file_actions=redirect)
        _, status, usage = os.wait4(pid, 0)
        wall = time.perf_counter() - start
        output.seek(0)
        text = output.read().decode(errors="replace")
    scale = 1024 if sys.platform == "linux" else 1024 * 1024
    answer = {
        "exitCode": os.waitstatus_to_exitcode(status),
        "output": text,
        "wallMs": wall * 1000,
        "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
        "peakMiB": usage.ru_maxrss / scale,
    }
    print(json.dumps(answer), flush=True)
