"""What a measurement leaves behind: rows per goal, printed as they come and kept in docs/benchmarks.md, one section per goal."""

import os
import platform
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import ortools

HOME = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
HEAD = """# The solver against its goals

Written by `python -m benchmarks.solver_goals --write`, one section per goal and each replaced as a whole, so a long run can be taken up again
goal by goal (`--only G3 --write`). One process, one thread, frozen seeds, of which each section names those it ran; of several the median stands
with the worst beside it. Seconds are processor seconds of that process, wall seconds beside them where the two differ much. Other work ran on the
same two cores while these were taken (the load stands in each section), so both are rather too long than too short. Memory is the most the
process held. The districts come from `python -m wishapp.solver generate`, the public sets from the folder given as `--data`. A goal that was missed
says so.
"""
TITLES = {
    "G1": "a district with teams, bundles and clashes", "G2": "value against simpler ways", "G3": "the bound over all pairs",
    "G4": "small districts with known optima", "G5": "growth", "G6": "re-match after a withdrawal", "G7": "why not", "G8": "the referee",
    "G9": "generalised assignment", "G10": "reviewer assignment", "G11": "strict tiers", "S1": "slots of volunteer calls",
}


def read_seeds(text: str) -> list[int]:
    """"1-5" or "1,3"."""
    parts = [part.split("-") for part in text.split(",")]
    return [seed for part in parts for seed in range(int(part[0]), int(part[-1]) + 1)]


@dataclass(slots=True)
class Report:
    """One goal's rows: (measure, reached, goal asked for, met: True, False or None where nothing is asked)."""

    goal: str
    about: str  # size, seeds, limits
    rows: list = field(default_factory=list)
    notes: list = field(default_factory=list)

    def row(self, measure: str, reached: str, asked: str = "", met: bool | None = None) -> None:
        self.rows.append((measure, reached, asked, met))
        print(f"| {self.goal} | {' | '.join(cells(self.rows[-1]))} |", flush=True)

    def note(self, line: str) -> None:
        self.notes.append(line)
        print(f"  {self.goal} {line}", flush=True)


@dataclass(slots=True)
class Spent:
    """A result with its processor seconds, wall seconds and the most memory held (GB)."""

    result: object
    cpu: float
    wall: float
    memory: float


def timed(work: Callable) -> Spent:
    forget_peak()
    began = time.process_time(), time.monotonic()
    result = work()
    return Spent(result, time.process_time() - began[0], time.monotonic() - began[1], peak())


def forget_peak() -> None:
    """Start the count of the most memory held anew, where the system lets us."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def peak() -> float:
    """The most memory this process held since forget_peak(), in GB (0 where the system does not say)."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    except OSError:
        return 0.0
    return int(found.group(1)) / 1e6 if found else 0.0


def middle(values: list, form: str = "{:.2f}") -> str:
    """Median and worst (largest) of a list, one value alone as it is."""
    if len(values) == 1:
        return form.format(values[0])
    return f"{form.format(statistics.median(values))} (worst {form.format(max(values))})"


def machine() -> str:
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "") \
        if Path("/proc/cpuinfo").exists() else ""
    return (f"{platform.machine()} {model}".strip() + f", {os.cpu_count()} cores (one used), Python {platform.python_version()}, "
            f"OR-Tools {ortools.__version__}, numpy {np.__version__}")


def cells(row: tuple) -> tuple:
    measure, reached, asked, met = row
    return measure, reached, asked, {True: "met", False: "**missed**", None: ""}[met]


def section(report: Report) -> str:
    load = os.getloadavg()[0]
    lines = [f"## {report.goal}: {TITLES[report.goal]}", "",
             f"{report.about}. {machine()}; {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load {load:.1f}.", "",
             "| measure | reached | goal | |", "|---|---|---|---|"]
    lines += [f"| {' | '.join(cells(row))} |" for row in report.rows]
    if report.notes:
        lines += ["", *[f"* {line}" for line in report.notes]]
    return "\n".join(lines) + "\n"


def keep(report: Report, path: Path) -> None:
    """Put the goal's section into the file, in place of the one before; the file is replaced at once or not at all."""
    old = path.read_text() if path.exists() else ""
    sections = {part.split(":")[0][3:]: part.rstrip() + "\n" for part in re.split(r"(?m)^(?=## )", old) if part.startswith("## ")}
    sections[report.goal] = section(report)
    ordered = [sections[goal] for goal in TITLES if goal in sections]
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join([HEAD, *ordered]))
    fresh.replace(path)
