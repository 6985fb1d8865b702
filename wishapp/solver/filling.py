"""A plan built one column at a time: what still fits, and what it would add. The base of greedy plans and of rounding."""

import numpy as np

from wishapp.solver.entries import NO_BUDGET
from wishapp.solver.ladders import ladder_total
from wishapp.solver.plans import Choice, nothing
from wishapp.solver.prices import Space, Stage
from wishapp.solver.problem import Problem


class Filling:
    """Residual needs, capacities, minutes, stock and meetings of a growing plan. try_pair and try_option leave bundled demands alone."""

    def __init__(self, p: Problem, space: Space, stage: Stage):
        self.p, self.stage = p, stage
        self.need, self.room = p.role_need.tolist(), p.capacity.tolist()
        self.left = [2**62 if b == NO_BUDGET else b for b in p.budget.tolist()]
        self.stock = p.pool_limit.tolist()
        self.uses, self.served = [0] * len(p.capacity), [0] * len(p.place_ids)
        self.busy: dict[int, list[int]] = {}
        self.demand, self.role, self.supporter = p.pair_demand.tolist(), p.pair_role.tolist(), p.pair_supporter.tolist()
        self.minutes, self.pool, self.most = p.pair_minutes.tolist(), p.pair_pool.tolist(), space.seats.tolist()
        self.value, self.start, self.end = stage.pair_value.tolist(), p.demand_start.tolist(), p.demand_end.tolist()
        self.timed, self.exclusive, self.buffer = p.demand_timed.tolist(), p.exclusive.tolist(), p.buffer.tolist()
        self.bundle, self.place = p.demand_bundle.tolist(), p.demand_place.tolist()
        self.choice = nothing(p)
        self.space = space

    def free(self, s: int, d: int) -> bool:
        """Whether the supporter could also be at this demand."""
        for other in self.busy.get(s, ()):
            if other == d:
                return False
            if self.exclusive[s] and self.timed[d] and self.timed[other]:
                gap = self.buffer[s]
                if self.start[other] < self.end[d] + gap and self.start[d] < self.end[other] + gap:
                    return False
        return True

    def ladders(self, s: int, d: int, uses: int, seats: int) -> int:
        """What the ladders add for these uses and seats."""
        gain = 0
        if not self.stage.laddered:
            return gain
        ladder = self.p.load_steps[s]
        if ladder:
            gain -= ladder_total(ladder, self.uses[s] + uses, True) - ladder_total(ladder, self.uses[s], True)
        g = self.place[d]
        if g >= 0:
            ladder = self.p.place_steps[g]
            gain += ladder_total(ladder, self.served[g] + seats, False) - ladder_total(ladder, self.served[g], False)
        return gain

    def pair_room(self, i: int) -> int:
        """Most seats pair i could carry now."""
        s, minutes = self.supporter[i], self.minutes[i]
        room = min(self.most[i], self.need[self.role[i]], self.room[s])
        if minutes:
            room = min(room, self.left[s] // minutes)
        if self.pool[i] >= 0:
            room = min(room, self.stock[self.pool[i]])
        return room if room > 0 and self.free(s, self.demand[i]) else 0

    def add_pair(self, i: int, seats: int) -> None:
        s, d = self.supporter[i], self.demand[i]
        self.choice.seats[i] += seats
        self.need[self.role[i]] -= seats
        self.room[s] -= seats
        self.left[s] -= self.minutes[i] * seats
        if self.pool[i] >= 0:
            self.stock[self.pool[i]] -= seats
        self.uses[s] += seats
        if self.place[d] >= 0:
            self.served[self.place[d]] += seats
        self.busy.setdefault(s, []).append(d)

    def remove_pair(self, i: int, seats: int) -> None:
        """Undo add_pair."""
        s, d = self.supporter[i], self.demand[i]
        self.choice.seats[i] -= seats
        self.need[self.role[i]] += seats
        self.room[s] += seats
        self.left[s] += self.minutes[i] * seats
        if self.pool[i] >= 0:
            self.stock[self.pool[i]] += seats
        self.uses[s] -= seats
        if self.place[d] >= 0:
            self.served[self.place[d]] -= seats
        self.busy[s].remove(d)

    def try_pair(self, i: int) -> bool:
        """Take pair i with as many seats as fit and pay."""
        if self.bundle[self.demand[i]] >= 0:
            return False
        seats = self.pair_room(i)
        keep = self.stage.keep if self.p.previous[i] else 0
        while seats and self.value[i] * seats + keep + self.ladders(self.supporter[i], self.demand[i], seats, seats) <= 0 \
                and not self.p.pinned[i]:
            seats -= 1
        if seats:
            self.add_pair(i, seats)
        return seats > 0

    def option_fits(self, z: int) -> bool:
        p = self.p
        s = int(p.option_supporter[z])
        if not self.space.options[z] or self.room[s] < 1 or self.left[s] < p.option_minutes[z]:
            return False
        covers = range(p.cover_start[z], p.cover_start[z + 1])
        return all(self.need[p.cover_role[e]] >= p.cover_seats[e] for e in covers) and self.free(s, int(p.option_demand[z]))

    def add_option(self, z: int) -> None:
        p = self.p
        s, d = int(p.option_supporter[z]), int(p.option_demand[z])
        self.choice.options[z] = True
        for e in range(p.cover_start[z], p.cover_start[z + 1]):
            self.need[p.cover_role[e]] -= int(p.cover_seats[e])
        self.room[s] -= 1
        self.left[s] -= int(p.option_minutes[z])
        self.uses[s] += 1
        if self.place[d] >= 0:
            self.served[self.place[d]] += int(p.option_seats[z])
        self.busy.setdefault(s, []).append(d)

    def try_option(self, z: int) -> bool:
        d = int(self.p.option_demand[z])
        if self.bundle[d] >= 0 or not self.option_fits(z):
            return False
        gain = int(self.stage.option_value[z]) + self.ladders(int(self.p.option_supporter[z]), d, 1, int(self.p.option_seats[z]))
        if gain <= 0:
            return False
        self.add_option(z)
        return True


def fill(p: Problem, space: Space, stage: Stage, order: np.ndarray, filling: Filling | None = None) -> Choice:
    """Pins first, then columns in `order` (pairs as they are, option z as number of pairs + z), each taken where it fits and pays."""
    filling = filling or Filling(p, space, stage)
    count = len(p.pair_value)
    for i in np.flatnonzero(p.pinned & (filling.choice.seats == 0)):
        if filling.pair_room(int(i)):
            filling.add_pair(int(i), 1)
    for column in order.tolist():
        if column >= count:
            filling.try_option(column - count)
        elif filling.need[filling.role[column]] and filling.room[filling.supporter[column]]:
            filling.try_pair(column)
    return filling.choice


def greedy(p: Problem, space: Space, stage: Stage) -> Choice:
    """All pairs and options by value per seat, best first."""
    worth = np.concatenate([stage.pair_value, stage.option_value // np.maximum(p.option_seats, 1)])
    live = np.concatenate([space.seats > 0, space.options]) & (worth > 0)
    order = np.flatnonzero(live)
    return fill(p, space, stage, order[np.argsort(-worth[order], kind="stable")])
