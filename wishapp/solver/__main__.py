"""Command line: solve, check, why and generate, on files of `wishapp-problem/1` and `wishapp-plan/1`.

Exit 0: done; 1: `check` found violations; 2: malformed input, with one line on standard error saying where.
"""

import argparse
import json
import sys

import numpy as np

import wishapp.solver as solver
from wishapp.solver import referee
from wishapp.solver.district import district
from wishapp.solver.reading import ProblemError, show


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.run(options)
    except ProblemError as error:
        print(str(error), file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m wishapp.solver", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="command")
    solve = commands.add_parser("solve", help="a plan for a problem, to standard output")
    solve.add_argument("problem")
    for name, kind in (("seconds", float), ("gap", float), ("seed", int)):
        solve.add_argument(f"--{name}", type=kind, help=f"instead of settings.{name}")
    solve.add_argument("--progress", action="store_true", help="phases to standard error")
    solve.set_defaults(run=_solve)
    check = commands.add_parser("check", help="the referee: every violation by name, exit 1 if there is one")
    check.add_argument("problem")
    check.add_argument("plan")
    check.set_defaults(run=_check)
    why = commands.add_parser("why", help="reasons for and against one pair")
    why.add_argument("problem")
    why.add_argument("plan")
    why.add_argument("--demand", required=True)
    why.add_argument("--supporter", required=True)
    why.set_defaults(run=_why)
    make = commands.add_parser("generate", help="a synthetic district, to standard output")
    for name, default in (("members", 35000), ("volunteers", 0), ("units", 1200), ("teams", 300), ("wishes", 6000), ("shifts", 196), ("communities", 139), ("seed", 1)):
        make.add_argument(f"--{name}", type=int, default=default)
    for name in ("bundles", "clashes", "fairness", "minutes"):
        make.add_argument(f"--no-{name}", dest=name, action="store_false")
    make.add_argument("--tiers", action="store_true")
    make.add_argument("--headcount", type=_span, metavar="2-20", help="seats of a shift, some in quotas for a skill (default: large shifts)")
    make.set_defaults(run=_generate)
    return parser


def _span(text: str) -> tuple[int, int]:
    least, most = map(int, text.split("-"))
    if not 1 <= least <= most:
        raise ValueError(text)
    return least, most


def _load(path: str):
    try:
        with open(path, "rb") as file:
            return json.loads(file.read().decode("utf-8-sig"), parse_constant=_no_constant)
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}") from None
    except RecursionError:
        raise ProblemError(f"{path}: nested too deeply") from None
    except ValueError as error:
        raise ProblemError(f"{path}: not a JSON file: {show(str(error))}") from None


def _no_constant(text: str):
    raise ValueError(f"{text} is not a number")


def _solve(options) -> int:
    from_file = _load(options.problem)
    if isinstance(from_file, dict):
        settings = {} if from_file.get("settings") is None else from_file["settings"]
        if isinstance(settings, dict):
            given = {key: getattr(options, key) for key in ("seconds", "gap", "seed") if getattr(options, key) is not None}
            from_file = from_file | {"settings": settings | given}
    plan = solver.solve(from_file, progress=_tell if options.progress else None)
    print(json.dumps(plan, ensure_ascii=False))
    if plan["status"] == "infeasible_pins":
        print(f"pins: {plan['message']}", file=sys.stderr)
        return 2
    return 0


def _tell(phase: str, fraction: float, best: int | None, bound: int | None) -> None:
    print(f"{phase} {fraction:.0%} best {best} bound {bound}", file=sys.stderr)


def _check(options) -> int:
    problem, plan = _load(options.problem), _load(options.plan)
    broken = referee.check(problem, plan)
    for line in broken:
        print(line)
    if not broken:
        print(f"fine: {plan['status']}, objective {plan['objective']}, bound {plan['bound']}, gap {plan['gap']}")
    return 1 if broken else 0


def _why(options) -> int:
    problem, plan = _load(options.problem), _load(options.plan)
    explanation = solver.Explanation(problem, plan)
    print(json.dumps(explanation.why(explanation.demand_named(options.demand), explanation.supporter_named(options.supporter)), ensure_ascii=False))
    return 0


def _generate(options) -> int:
    problem = district(options.members, options.units, options.teams, options.wishes, options.shifts, options.communities, options.seed,
                       volunteers=options.volunteers, headcount=options.headcount, bundles=options.bundles, clashes=options.clashes,
                       fairness=options.fairness, minutes=options.minutes, tiers=options.tiers)
    print(json.dumps(problem, ensure_ascii=False, default=np.ndarray.tolist))
    return 0


if __name__ == "__main__":
    sys.exit(main())
