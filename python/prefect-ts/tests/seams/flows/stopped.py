"""A flow that tests stop: `python stopped.py <trial as JSON>`.

`python stopped.py fork` forks a process for each line on stdin and prints its id: the second that an
import of Prefect takes would else allow few trials. `python stopped.py serve <name>` serves it.
"""

import asyncio
import faulthandler
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from prefect import flow, task
from prefect.utilities import engine

from prefect_ts import arun_node, run_node


def call(job):
    Path(job["called"]).touch()
    return run_node(job["script"], job["params"], env=job["env"], datastores=job["datastores"])


async def acall(job):
    Path(job["called"]).touch()
    return await arun_node(
        job["script"], job["params"], env=job["env"], datastores=job["datastores"]
    )


step, astep = task(call), task(acall)


@flow
def stopped(how, jobs, folder):
    Path(f"{folder}/pid").write_text(str(os.getpid()))
    tempfile.tempdir = os.environ["TMPDIR"] = f"{folder}/tmp"
    if how == "flow":
        return call(jobs[0])
    if how == "task":
        return step(jobs[0])
    if how == "submit":
        return [future.result() for future in [step.submit(job) for job in jobs]]
    if how == "map":
        return step.map(jobs).result()
    return astep.map(jobs).result()


@flow
async def stopped_async(how, jobs, folder):
    tempfile.tempdir = os.environ["TMPDIR"] = f"{folder}/tmp"
    if how == "async-flow":
        return await acall(jobs[0])
    return await asyncio.gather(*map(astep, jobs))


def tell_of_signals(folder):
    """Makes a file when Python calls a handler: under load it forgets signals, see `stop` in trials.py."""
    interrupt, terminate = signal.getsignal(signal.SIGINT), engine._prefect_sigterm_handler

    def noticed(handler):
        def call_handler(number, frame):
            Path(f"{folder}/noticed").touch()
            handler(number, frame)

        return call_handler

    engine._prefect_sigterm_handler = noticed(terminate)
    signal.signal(signal.SIGINT, noticed(interrupt))


def run(trial):
    if trial["how"] in ("async-flow", "gather"):
        return asyncio.run(stopped_async(**trial))
    tell_of_signals(trial["folder"])
    return stopped(**trial)


def fork():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the children.
    for line in sys.stdin:
        trial = json.loads(line)
        pid = os.fork()
        if pid:
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        log = os.open(f"{trial['folder']}/log", os.O_WRONLY | os.O_CREAT)
        for descriptor in (1, 2):
            os.dup2(log, descriptor)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        # Should it hang, the log says where: a trial waits for it for 150 s.
        faulthandler.dump_traceback_later(140)
        run(trial)
        return


if __name__ == "__main__":
    if sys.argv[1] == "fork":
        fork()
    elif sys.argv[1] == "serve":
        stopped.serve(name=sys.argv[2])
    else:
        run(json.loads(sys.argv[1]))
