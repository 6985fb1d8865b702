"""The relaxation solved by PDLP, a first-order method: fast at district size, with duals good to a few digits and no better."""

from dataclasses import dataclass

import numpy as np
from ortools.pdlp import solvers_pb2
from ortools.pdlp.python import pdlp

from wishapp.solver.relaxation import Relaxation, solve_exactly

VERTEX = 12000  # columns up to which the simplex is as quick; its values are a vertex, its duals exact


@dataclass(slots=True)
class Solved:
    """Values and duals (>= 0 on <= rows of the maximisation) with the names they go by, to start the next solve from."""

    values: np.ndarray
    duals: np.ndarray
    objective: float
    pairs: np.ndarray
    tail: list
    rows: list
    exact: bool = False


def solve_relaxation(lp: Relaxation, accuracy: float, seconds: float, start: Solved | None = None) -> Solved:
    """By the simplex where the relaxation is small, else nearly."""
    found = solve_exactly(lp, max(0.1, 3 * seconds)) if lp.matrix.shape[1] <= VERTEX else None
    if found is None:
        return solve_nearly(lp, accuracy, seconds, start)
    return Solved(*found, float((lp.cost * found[0]).sum()), lp.pairs, lp.tail, lp.rows, True)


def solve_nearly(lp: Relaxation, accuracy: float, seconds: float, start: Solved | None = None) -> Solved:
    """Solve to a relative accuracy, from `start` where given (columns and rows matched by name)."""
    program = pdlp.QuadraticProgram()
    program.resize_and_initialize(lp.matrix.shape[1], lp.matrix.shape[0])
    program.objective_vector = -lp.cost
    program.constraint_matrix = lp.matrix.tocsc()
    program.constraint_lower_bounds, program.constraint_upper_bounds = lp.low, lp.high
    program.variable_lower_bounds, program.variable_upper_bounds = lp.floor, lp.top
    parameters = solvers_pb2.PrimalDualHybridGradientParams()
    parameters.num_threads = 1
    limits = parameters.termination_criteria
    limits.simple_optimality_criteria.eps_optimal_relative = accuracy
    limits.simple_optimality_criteria.eps_optimal_absolute = accuracy
    limits.iteration_limit = 20000
    limits.time_sec_limit = max(0.1, 3 * seconds)
    if start is None:
        result = pdlp.primal_dual_hybrid_gradient(program, parameters)
    else:
        result = pdlp.primal_dual_hybrid_gradient(program, parameters, _from(lp, start))
    values = np.clip(np.array(result.primal_solution), lp.floor, lp.top)
    return Solved(values, -np.array(result.dual_solution), float((lp.cost * values).sum()), lp.pairs, lp.tail, lp.rows)


def _from(lp: Relaxation, start: Solved) -> pdlp.PrimalAndDualSolution:
    values = np.zeros(lp.matrix.shape[1])
    both, here, there = np.intersect1d(lp.pairs, start.pairs, assume_unique=True, return_indices=True)
    values[here] = start.values[there]
    known = dict(zip(start.tail, start.values[len(start.pairs):].tolist(), strict=True))
    values[len(lp.pairs):] = [known.get(name, 0.0) for name in lp.tail]
    duals = dict(zip(start.rows, start.duals.tolist(), strict=True))
    begin = pdlp.PrimalAndDualSolution()
    begin.primal_solution = values
    begin.dual_solution = -np.array([duals.get(name, 0.0) for name in lp.rows])
    return begin
