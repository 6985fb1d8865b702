"""The referee accepts what the solver makes and rejects every corruption of it; the command ends as it should."""

import copy
import json
import random
import subprocess
import sys

import pytest

import wishapp.solver as solver
from tests.solver import cases
from wishapp.solver.__main__ import main
from wishapp.solver.plans import seal
from wishapp.solver.problem import parse_problem
from wishapp.solver.referee import check_parsed


def solved(seed):
    rng = random.Random(seed)
    while True:
        problem = cases.problem(rng, {f for f in cases.FEATURES if rng.random() < 0.7} - {"pins"}, demands=5, supporters=5, pairs=14)
        plan = solver.solve(problem)
        if plan["pairs"] and plan["objective"]:
            return rng, problem, plan


def leaves(thing, path=()):
    if isinstance(thing, dict):
        for key, value in thing.items():
            yield from leaves(value, (*path, key))
    elif isinstance(thing, list):
        for index, value in enumerate(thing):
            yield from leaves(value, (*path, index))
    else:
        yield path


def corrupt(rng, plan):
    """The plan with one number, text or list entry changed."""
    result = copy.deepcopy(plan)
    paths = [path for path in leaves(plan) if path[0] not in ("seconds",)]
    path = rng.choice(paths)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    old = holder[path[-1]]
    if isinstance(holder, list) and rng.random() < 0.3:
        holder.pop(path[-1])
    elif isinstance(old, bool) or old is None:
        holder[path[-1]] = "?"
    elif isinstance(old, (int, float)):
        holder[path[-1]] = old + rng.choice([-1, 1, 2, 10, -7])
    else:
        holder[path[-1]] = old + "x"
    return result


def test_every_corruption_is_rejected():
    rejected = 0
    for seed in range(25):
        rng, problem, plan = solved(seed)
        assert solver.check(problem, plan) == []
        read = parse_problem(problem)
        for _ in range(40):
            assert check_parsed(read, corrupt(rng, plan)), "a corrupted plan was accepted"
            rejected += 1
    assert rejected == 1000


def test_corruptions_that_matter_are_caught_without_the_seal():
    """A forger who seals again still cannot claim what the prices do not prove, or break a rule."""
    for seed in range(25):
        rng, problem, plan = solved(seed)
        forged = copy.deepcopy(plan)
        forged["objective"] += 1
        forged["bound"] = max(forged["bound"], forged["objective"])
        assert any("objective" in line for line in solver.check(problem, forged | {"digest": seal(forged)}))
        forged = copy.deepcopy(plan)
        forged["bound"] += 1
        forged["digest"] = seal(forged)
        assert solver.check(problem, forged)
        forged = copy.deepcopy(plan)
        forged["pairs"][0][1] += 5
        forged["digest"] = seal(forged)
        names = {line.split(":")[0] for line in solver.check(problem, forged)}
        assert "pair" in names
        forged = copy.deepcopy(plan)
        forged["certificate"]["stages"][-1]["capacity"] = [[0, -3]]
        forged["digest"] = seal(forged)
        assert any("certificate" in line for line in solver.check(problem, forged))


def test_a_plan_for_another_problem_is_rejected():
    _, problem, plan = solved(1)
    other = copy.deepcopy(problem)
    other["demands"][0]["roles"][0]["need"] += 1
    assert any(line.startswith("problem:") for line in solver.check(other, plan))


def test_the_referee_loads_without_the_optimiser():
    code = "import sys, wishapp.solver as s; s.check; s.why; print(sorted({m.split('.')[0] for m in sys.modules} & {'ortools', 'flask', 'sqlalchemy'}))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def put(problem, path, value):
    result = copy.deepcopy(problem)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    if value is KeyError:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    return result


BROKEN = [
    (("format",), "wishapp-problem/2"), (("demands",), None), (("demands",), KeyError), (("demands", 0), 5), (("demands", 0, "id"), 7),
    (("demands", 1, "id"), "d0"), (("demands", 0, "roles", 0, "need"), -1), (("demands", 0, "roles", 0, "need"), 1.5), (("demands", 0, "roles"), 3),
    (("demands", 0, "roles", 0), []), (("demands", 0, "tier"), "0"), (("demands", 0, "interval"), [5]), (("demands", 0, "interval"), [5, 5]),
    (("demands", 0, "bundle"), 9), (("demands", 0, "minutes"), True), (("demands", 0, "place"), 4), (("supporters",), {}),
    (("supporters", 0, "capacity"), -1), (("supporters", 0, "capacity"), 10**30), (("supporters", 0, "capacity"), KeyError),
    (("supporters", 0, "minutes"), "480"), (("supporters", 0, "exclusive"), 1), (("supporters", 0, "stock"), []),
    (("supporters", 0, "stock"), {"chair": -1}), (("supporters", 0, "load_steps"), [[1, 5], [1, 2]]), (("supporters", 0, "load_steps"), [[1]]),
    (("pairs",), KeyError), (("pairs",), []), (("pairs", "demand", 0), 99), (("pairs", "demand", 0), -1), (("pairs", "role", 0), 7),
    (("pairs", "supporter", 0), "s0"), (("pairs", "value"), [1]), (("pairs", "value", 0), None), (("pairs", "value", 0), float("nan")),
    (("pairs", "value", 0), 2**70), (("pairs", "upto"), [0] * 99), (("pairs", "minutes"), "x"), (("pairs", "resource"), [None]),
    (("options",), [{}]), (("options",), [{"supporter": 0, "demand": 0, "covers": [], "value": 1}]),
    (("options",), [{"supporter": 0, "demand": 0, "covers": [[0, 1], [0, 1]], "value": 1}]),
    (("options",), [{"supporter": 0, "demand": 0, "covers": [[5, 1]], "value": 1}]), (("options",), 5),
    (("bundles",), [{"value": 1}]), (("places",), {"north": {"steps": [[1, 2], [1, 9]]}}), (("places",), [1]), (("pins",), [99]), (("pins",), ["0"]),
    (("forbids",), [-1]), (("previous",), 3), (("keep",), -1), (("objective",), "best"), (("settings",), {"seconds": "x"}), (("settings",), {"gap": -1}),
    (("settings",), {"seed": 1.5}), (("settings",), 4),
]


@pytest.mark.parametrize("path, value", BROKEN, ids=lambda x: str(x)[:30])
def test_broken_files_end_with_one_line(path, value, tmp_path, capsys):
    problem = cases.problem(random.Random(5), {"roles"})
    file = tmp_path / "problem.json"
    file.write_text(json.dumps(put(problem, path, value)))
    assert main(["solve", str(file)]) == 2
    caught = capsys.readouterr()
    assert caught.out == "" and len(caught.err.strip().splitlines()) == 1 and len(caught.err) < 200


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "7", '"x"', "{\"format\": NaN}", "[" * 100000, "\x00"])
def test_not_even_a_problem(text, tmp_path, capsys):
    file = tmp_path / "problem.json"
    file.write_text(text)
    assert main(["solve", str(file)]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_the_command_from_end_to_end(tmp_path, capsys):
    _, problem, _ = solved(4)
    file, plan_file = tmp_path / "problem.json", tmp_path / "plan.json"
    file.write_text(json.dumps(problem))
    assert main(["solve", str(file)]) == 0
    plan = json.loads(capsys.readouterr().out)
    plan_file.write_text(json.dumps(plan))
    assert main(["check", str(file), str(plan_file)]) == 0
    assert main(["why", str(file), str(plan_file), "--demand", "d0", "--supporter", "s0"]) == 0
    assert "failing" in capsys.readouterr().out
    assert main(["why", str(file), str(plan_file), "--demand", "nobody", "--supporter", "s0"]) == 2
    plan["objective"] += 1
    plan_file.write_text(json.dumps(plan))
    assert main(["check", str(file), str(plan_file)]) == 1
    assert main(["check", str(file), str(tmp_path / "missing.json")]) == 2
    assert main(["generate", "--members", "60", "--units", "5", "--teams", "2", "--wishes", "10", "--shifts", "1", "--communities", "2"]) == 0


def test_empty_and_idle_problems():
    empty = {"format": "wishapp-problem/1", "demands": [], "supporters": [], "pairs": {"demand": [], "role": [], "supporter": [], "value": []}}
    assert solver.solve(empty)["objective"] == 0
    idle = {"format": "wishapp-problem/1", "demands": [{"id": f"d{i}", "roles": [{"need": 0}]} for i in range(20000)],
            "supporters": [{"id": "s", "capacity": 1}], "pairs": {"demand": [3], "role": [0], "supporter": [0], "value": [5]}}
    plan = solver.solve(idle)
    assert plan["status"] == "optimal" and plan["pairs"] == [] and solver.check(idle, plan) == []
