"""Whatever is done in whatever order, the ledger stays sound and agrees with a plain dictionary."""

import itertools
from collections import Counter

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.points.ledger import give, move, take_back
from wishapp.kernel.errors import Refused
from wishapp.points import queries, service
from wishapp.points.models import PointsTransfer
from wishapp.store.db import db

OWNERS = ("supporter:1", "supporter:2", "user:3")
_example = itertools.count(1)

owner, amount, source = st.sampled_from(OWNERS), st.integers(1, 60), st.integers(0, 9)
step = st.one_of(
    st.tuples(st.just("give"), owner, amount, source),
    st.tuples(st.just("move"), owner, owner, amount, source),
    st.tuples(st.just("back"), st.integers(0, 12)),
)


@pytest.mark.both_databases
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(step, min_size=1, max_size=18))
def test_any_order_of_steps_keeps_the_ledger_sound(context: Flask, steps: list[tuple]) -> None:
    tag = f"{next(_example)}:"
    balances: Counter[str] = Counter()
    done: dict[str, int] = {}
    made: list[tuple[int, str, str, int]] = []
    reversed_ids: set[int] = set()

    def note(key: str, transfer_id: int, payer: str, receiver: str, tenths: int) -> None:
        if key in done:
            assert done[key] == transfer_id, "a replay gives the first transfer"
            return
        done[key] = transfer_id
        made.append((transfer_id, payer, receiver, tenths))
        balances[payer] -= tenths
        balances[receiver] += tenths

    for kind, *rest in steps:
        if kind == "give":
            receiver, tenths, number = rest
            note(f"{tag}{number}", give(tag + receiver, tenths, f"{tag}{number}"), service.BANK, receiver, tenths)
        elif kind == "move" and rest[0] != rest[1]:
            payer, receiver, tenths, number = rest
            key = f"{tag}{number}"
            if key not in done and balances[payer] < tenths:
                with pytest.raises(Refused):
                    move(tag + payer, tag + receiver, tenths, key)
            else:
                note(key, move(tag + payer, tag + receiver, tenths, key), payer, receiver, tenths)
        elif kind == "back" and made:
            transfer_id, payer, receiver, tenths = made[rest[0] % len(made)]
            if transfer_id in reversed_ids or balances[receiver] < tenths:
                with pytest.raises(Refused):
                    take_back(transfer_id)
            else:
                take_back(transfer_id)
                reversed_ids.add(transfer_id)
                balances[receiver] -= tenths
                balances[payer] += tenths

    assert {name: queries.balance(tag + name) for name in OWNERS} == {name: balances[name] for name in OWNERS}
    assert queries.broken_ledger() == []
    assert db.session.query(PointsTransfer).filter(PointsTransfer.source.startswith(tag)).count() == len(done)
    db.session.remove()
