"""The backfill: a run for every day that has no report, until every day has one or was given up.

Prefect's work pool and the concurrency limit of its queue decide when and where each run goes. Nothing in Prefect's
server starts a run again whose worker died, so this flow reconciles what there is with what there should be. It keeps
nothing of its own: runs and reports say it all, so it may be ended and started again, or run twice at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger
from prefect.artifacts import (
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterTags,
    LogFilter,
    LogFilterFlowRunId,
    LogFilterTimestamp,
)
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse
from prefect.events.filters import (
    EventFilter,
    EventNameFilter,
    EventOccurredFilter,
    EventResourceFilter,
)
from prefect.runtime import flow_run
from prefect.states import Completed, Crashed, Failed, State

from blocks import load_data_block
from prefect_ts import Dataset

# What the server returns at once.
PAGE = 200
IDLE_SECONDS = 120


@dataclass
class Day:
    """What the table says of a day."""

    rundate: str
    outcome: str = "waiting"
    runs: int = 0
    reason: str = ""


@dataclass
class Backfill:
    """One reconciler: `look` compares once and acts."""

    client: SyncPrefectClient
    deployment: DeploymentResponse
    days: dict[str, Day]
    attempts: int
    stale_after: timedelta
    logger: Any
    started: datetime = field(default_factory=lambda: _now())

    def look(self) -> Counter[str]:
        """Starts what is missing, ends what is dead. Returns how many days are in which state."""
        block = load_data_block()
        self._mark_done(block)
        runs = self._read_runs(self._gaps())
        for run in self._dead(runs):
            self._crash(run)
        # A run publishes before it ends: of those read as ended, the reports are there by now.
        self._mark_done(block)
        by_day: dict[str, list[FlowRun]] = {rundate: [] for rundate in self._gaps()}
        for run in runs:
            for tag in run.tags:
                by_day.get(tag.removeprefix("rundate="), []).append(run)
        for rundate, of_day in by_day.items():
            self._reconcile(self.days[rundate], of_day)
        return Counter(day.outcome for day in self.days.values())

    def _gaps(self) -> list[str]:
        return [day.rundate for day in self.days.values() if day.outcome in ("waiting", "running")]

    def _mark_done(self, block: Any) -> None:
        # Also of days that were given up: a run that seemed dead may have been slow.
        missing = [day for day in self.days.values() if day.outcome not in ("was there", "done")]
        if not missing:
            return
        report = Dataset(
            name="carrier_delays", type="reports", format="parquet", rundate=missing[0].rundate
        )
        there = set(report.list_rundates(block))
        for day in missing:
            if day.rundate in there:
                day.outcome, day.reason = "done" if day.runs else "was there", ""

    def _reconcile(self, day: Day, runs: list[FlowRun]) -> None:
        ours = [run for run in runs if _number(run) >= 0]
        day.runs = len([run for run in ours if _ended(run) is None or _ended(run) >= self.started])
        open_runs = [run for run in ours if _ended(run) is None]
        if open_runs:
            waits = all(run.state.is_scheduled() for run in open_runs)
            day.outcome = "waiting" if waits else "running"
            return
        failures = [run for run in ours if _ended(run) >= self.started]
        last = max(ours, key=_number, default=None)
        if failures and (last.state.is_cancelled() or len(failures) >= self.attempts):
            day.outcome = "given up"
            day.reason = f"{last.state.name}: {last.state.message or 'the run left no report'}"
            self.logger.error(
                "%s is given up after %s runs. %s", day.rundate, len(failures), day.reason
            )
            return
        # One key an attempt: two reconcilers that see the same runs make the same run.
        number = max(map(_number, ours), default=-1) + 1
        run = self.client.create_flow_run_from_deployment(
            self.deployment.id,
            parameters={"rundates": [day.rundate]},
            tags=["backfill", f"rundate={day.rundate}"],
            idempotency_key=f"backfill/{self.deployment.id}/{day.rundate}/{number}",
        )
        day.outcome, day.runs = "waiting", day.runs + 1
        if failures:
            self.logger.warning(
                "%s runs again, as %s: its last run ended as %s. %s",
                day.rundate,
                run.name,
                last.state.name,
                last.state.message or "",
            )

    def _read_runs(self, rundates: list[str]) -> list[FlowRun]:
        """All runs of these days, whoever made them."""
        if not rundates:
            return []
        wanted = FlowRunFilter(
            deployment_id=FlowRunFilterDeploymentId(any_=[self.deployment.id]),
            tags=FlowRunFilterTags(any_=[f"rundate={rundate}" for rundate in rundates]),
        )
        found: dict[UUID, FlowRun] = {}
        while True:
            page = self.client.read_flow_runs(flow_run_filter=wanted, limit=PAGE, offset=len(found))
            found.update((run.id, run) for run in page)
            if len(page) < PAGE:
                return list(found.values())

    def _dead(self, runs: Iterable[FlowRun]) -> list[FlowRun]:
        """Runs that a worker has taken and that have given no sign of life for too long.

        Signs are a change of state, the heartbeat of the flow's engine (PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
        30 s at the least) and a log line.
        """
        since = _now() - self.stale_after
        quiet = [
            run
            for run in runs
            if _ended(run) is None and not run.state.is_scheduled() and run.state.timestamp < since
        ]
        return [run for run in quiet if not self._heard_of(run, since)]

    def _heard_of(self, run: FlowRun, since: datetime) -> bool:
        heartbeats = EventFilter(
            event=EventNameFilter(name=["prefect.flow-run.heartbeat"]),
            resource=EventResourceFilter(id=[f"prefect.flow-run.{run.id}"]),
            occurred=EventOccurredFilter(since=since),
        )
        if self.client.read_events(heartbeats, limit=1).events:
            return True
        lines = LogFilter(
            flow_run_id=LogFilterFlowRunId(any_=[run.id]),
            timestamp=LogFilterTimestamp(after_=since),
        )
        return bool(self.client.read_logs(lines, limit=1))

    def _crash(self, run: FlowRun) -> None:
        now = self.client.read_flow_run(run.id)
        if now.state_id != run.state_id:
            return
        seconds = self.stale_after.total_seconds()
        message = f"No sign of life for {seconds:g} s: its worker or its process died."
        state = Crashed(message=message)
        self.client.set_flow_run_state(run.id, state)
        run.state, run.end_time = state, _now()
        self.logger.warning("%s: %s", run.name, message)


def _now() -> datetime:
    return datetime.now(timezone.utc)  # noqa: UP017 (Python 3.10 has no datetime.UTC)


def _number(run: FlowRun) -> int:
    """Which attempt of its day it is, from 0; -1 of a run that no backfill made."""
    prefix, _, number = (run.idempotency_key or "").rpartition("/")
    return int(number) if prefix.startswith("backfill/") and number.isdigit() else -1


def _ended(run: FlowRun) -> datetime | None:
    return run.state.timestamp if run.state.is_final() else None


def run_name() -> str:
    given = flow_run.parameters
    return f"backfill-{given['first_day']}-to-{given['last_day']}"


@flow(name="etl-backfill", flow_run_name=run_name)
def backfill(
    first_day: date = date(2013, 1, 1),
    last_day: date = date(2013, 12, 31),
    deployment: str = "etl/day",
    attempts: int = 3,
    stale_after_seconds: float = 120,
    look_every_seconds: float = 10,
) -> State:
    """Brings about the report of every day from first_day to last_day.

    Args:
        first_day: The first day, of 2013.
        last_day: The last day, included.
        deployment: The deployment that does one day.
        attempts: Runs of a day that may fail before it is given up.
        stale_after_seconds: Time without a sign of life after which a run counts as crashed; heartbeats come every 30 s.
        look_every_seconds: Pause between two looks.
    """
    logger = get_run_logger()
    days = [first_day + timedelta(count) for count in range((last_day - first_day).days + 1)]
    if not days:
        return Failed(message=f"There is no day from {first_day} to {last_day}.")
    with get_client(sync_client=True) as client:
        reconciler = Backfill(
            client,
            client.read_deployment_by_name(deployment),
            {str(day): Day(str(day)) for day in days},
            attempts,
            timedelta(seconds=stale_after_seconds),
            logger,
        )
        progress = create_progress_artifact(0, description=f"Days of {first_day} to {last_day}")
        shown: Counter[str] = Counter()
        changed = time.monotonic()
        while True:
            counts = reconciler.look()
            ready = counts["done"] + counts["was there"] + counts["given up"]
            if counts != shown:
                update_progress_artifact(progress, 100 * ready / len(days))
                said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
                logger.info("%s of %s days: %s", ready, len(days), said)
                shown, changed = counts, time.monotonic()
            if ready == len(days):
                break
            if counts["running"] == 0 and time.monotonic() > changed + IDLE_SECONDS:
                logger.warning(
                    "No worker has taken a run for %s s: is one at work for the pool of %s (`just worker`), "
                    "with room beside this run?",
                    IDLE_SECONDS,
                    deployment,
                )
                changed = time.monotonic()
            time.sleep(look_every_seconds)
    return _conclude(list(reconciler.days.values()), counts)


def _conclude(days: list[Day], counts: Counter[str]) -> State:
    there = counts["done"] + counts["was there"]
    summary = f"{there} of {len(days)} days have their report"
    create_table_artifact(
        key="backfill",
        table=[
            {"day": day.rundate, "outcome": day.outcome, "runs": day.runs, "reason": day.reason}
            for day in days
        ],
        description=f"{summary}: {counts['was there']} were there, {counts['done']} were made, {counts['given up']} were given up.",
    )
    given_up = [day for day in days if day.outcome == "given up"]
    if not given_up:
        return Completed(message=f"{summary}.")
    return Failed(
        message=f"{summary}. Given up: {', '.join(day.rundate for day in given_up[:10])}"
        f"{' …' if len(given_up) > 10 else ''}. {given_up[0].reason}"
    )
