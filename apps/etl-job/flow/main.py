"""`just etl`: registers the blocks, runs the flow, shows the reports as a table."""

from __future__ import annotations

import logging
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from blocks import DataBlockError, register_blocks
from etl import etl

# As many as fit beside each other on a terminal of 80 columns.
DAYS_PER_TABLE = 3
console = Console(highlight=False)
steps = Console(highlight=False, stderr=True)


# What the flow says of each day: extracted, reported, checked.
STEPS_PER_DAY = 3


class StepLines(logging.Handler):
    """Shows the flow's own log lines as they come, with the time each took, above a bar on a terminal."""

    def __init__(self, days: int) -> None:
        super().__init__(logging.INFO)
        self._last = time.monotonic()
        columns = (TextColumn("  "), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        # On no terminal it draws nothing: the lines are enough there.
        self.bar = Progress(*columns, console=steps, transient=True, disable=not steps.is_terminal)
        self._task = self.bar.add_task("", total=days * STEPS_PER_DAY)

    def emit(self, record: logging.LogRecord) -> None:
        if record.module != "etl":
            return
        now = time.monotonic()
        self.bar.console.print(f"• {record.getMessage()} [dim]({now - self._last:.1f} s)[/dim]")
        self.bar.advance(self._task)
        self._last = now


def report_table(summary: dict[str, dict[str, Any]]) -> Table:
    """Carriers down, days across: flights, mean and 90th percentile of the departure delay."""
    days = list(summary)
    table = Table(box=None, pad_edge=False, show_footer=True, padding=(0, 0, 0, 1))
    table.add_column("\ncarrier", "all", no_wrap=True)
    for day in days:
        table.add_column(f"{day[5:]}\nflights", f"{summary[day]['flights']:,}", justify="right")
        table.add_column("\nmean", justify="right")
        table.add_column("\np90", justify="right")
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for day, result in summary.items():
        for row in result["carriers"]:
            name = re.sub(r" (Inc\.|Co\.|Corporation)", "", row["name"])
            rows.setdefault(f"{row['carrier']} {name}", {})[day] = row
    for carrier, by_day in sorted(rows.items()):
        table.add_row(carrier, *(cell for day in days for cell in _cells(by_day.get(day))))
    return table


def _cells(row: dict[str, Any] | None) -> list[str]:
    forms = {"flights": "{:,}", "mean_delay": "{:.1f}", "p90_delay": "{:.0f}"}
    values = {key: row and row[key] for key in forms}
    return ["-" if values[key] is None else form.format(values[key]) for key, form in forms.items()]


def main() -> int:
    days = sys.argv[1:]
    data_directory = Path(os.environ["PREFECT_TS_DATA_DIRECTORY"])

    try:
        where = register_blocks(data_directory)
    except DataBlockError as error:
        steps.print(str(error), markup=False)
        return 1
    steps.print(f"• blocks registered, data in {where}", soft_wrap=True)
    lines = StepLines(len(days))
    logging.getLogger("prefect.flow_runs").addHandler(lines)
    try:
        with lines.bar:
            state = etl(days, return_state=True)
    except KeyboardInterrupt:
        steps.print("\nInterrupted: the Node job has ended, the flow run is marked as crashed.")
        return 130
    link = f"{os.environ['PREFECT_API_URL'].removesuffix('/api')}/v2/runs/flow-run/{state.state_details.flow_run_id}"
    if not state.is_completed():
        steps.print(f"\nThe flow run ended as {state.name}: {state.message}", markup=False)
        steps.print(f"The run in Prefect's UI:\n  {link}", soft_wrap=True)
        return 1
    summary = state.result()
    console.print("\nDeparture delays by carrier in 2013, in minutes")
    for start in range(0, len(days), DAYS_PER_TABLE):
        batch = days[start : start + DAYS_PER_TABLE]
        console.print(report_table({day: summary[day] for day in batch}))
        console.print()
    console.print(f"Files, in {where}:", soft_wrap=True)
    for result in summary.values():
        for path in result["paths"]:
            console.print(f"  {path}", soft_wrap=True)
    console.print(f"The run in Prefect's UI:\n  {link}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
