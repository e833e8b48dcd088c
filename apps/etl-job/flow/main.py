"""`just etl`: registers the blocks, runs the flow, shows the reports as a table."""

from __future__ import annotations

import argparse
import datetime
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from blocks import register_blocks
from etl import etl
from flights import FIRST_DAY, LAST_DAY

DEFAULT_DAYS = ["2013-01-01", "2013-01-02", "2013-01-03"]
console = Console(highlight=False)


class Progress(logging.Handler):
    """Shows the flow's own log lines as they come, with the time each took."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._last = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        if record.module != "etl":
            return
        now = time.monotonic()
        console.print(f"• {record.getMessage()} [dim]({now - self._last:.1f} s)[/dim]")
        self._last = now


def parse_day(text: str) -> str:
    try:
        day = datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2013-01-31") from None
    if not FIRST_DAY <= day <= LAST_DAY:
        raise argparse.ArgumentTypeError(f"{text} is not a day of 2013: the data has no other year")
    return day


def report_table(summary: dict[str, dict[str, Any]]) -> Table:
    """Carriers down, days across: flights, mean and 90th percentile of the departure delay in minutes."""
    table = Table(title="Departure delays by carrier, in minutes", title_justify="left")
    table.add_column("carrier", no_wrap=True)
    for day in summary:
        for column in (f"{day}\nflights", "\nmean", "\np90"):
            table.add_column(column, justify="right", no_wrap=True)
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for day, result in summary.items():
        for row in result["carriers"]:
            cells.setdefault(f"{row['carrier']} {row['name']}", {})[day] = row
    for carrier, days in sorted(cells.items()):
        values: list[str] = []
        for day in summary:
            row = days.get(day)
            for key, form in (
                ("flights", "{:,}"),
                ("mean_delay", "{:.1f}"),
                ("p90_delay", "{:.0f}"),
            ):
                value = row and row[key]
                values.append("-" if value is None else form.format(value))
        table.add_row(carrier, *values)
    totals = [x for day in summary for x in (f"{summary[day]['flights']:,}", "", "")]
    table.add_section()
    table.add_row("all", *totals)
    return table


def main() -> int:
    parser = argparse.ArgumentParser(prog="just etl", description=__doc__)
    parser.add_argument("days", nargs="*", type=parse_day, default=DEFAULT_DAYS, metavar="DAY")
    days = parser.parse_args().days
    data_directory = Path(os.environ["PREFECT_TS_DATA_DIRECTORY"])

    register_blocks(data_directory)
    console.print(f"• blocks registered, data in {os.path.relpath(data_directory)}")
    logging.getLogger("prefect.flow_runs").addHandler(Progress())
    state = etl(days, return_state=True)
    link = f"{os.environ['PREFECT_API_URL'].removesuffix('/api')}/v2/runs/flow-run/{state.state_details.flow_run_id}"
    if not state.is_completed():
        console.print(f"\nThe flow run ended as {state.name}: {state.message}", markup=False)
        console.print(f"Run: {link}", soft_wrap=True)
        return 1
    summary = state.result()
    console.print()
    console.print(report_table(summary))
    for result in summary.values():
        for path in result["paths"]:
            console.print(f"File: {os.path.relpath(data_directory)}/{path}", soft_wrap=True)
    console.print(f"Run:  {link}", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
