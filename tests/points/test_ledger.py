"""The ledger one step at a time."""

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from tests.conftest import Clock
from tests.points.ledger import give, move, take_back
from wishapp.kernel.errors import BadInput, Refused
from wishapp.kernel.roles import SYSTEM
from wishapp.points import heads, queries, service
from wishapp.points.models import PointsEntry, PointsTransfer
from wishapp.store.audit import AuditEntry
from wishapp.store.db import db
from wishapp.store.transaction import transaction

pytestmark = pytest.mark.both_databases


def entries() -> int:
    return db.session.scalar(select(func.count()).select_from(PointsEntry))


def test_a_credit_has_two_sides_that_sum_to_zero(context: Flask) -> None:
    give("supporter:1", 15, "claim:1")
    assert queries.balance("supporter:1") == 15
    assert queries.balance(service.BANK) == -15
    assert db.session.scalar(select(func.sum(PointsEntry.amount))) == 0
    assert queries.broken_ledger() == []


def test_the_same_source_and_reason_count_once(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    assert give("supporter:1", 99, "claim:1") == first
    assert give("supporter:2", 99, "claim:1") == first
    assert queries.balance("supporter:1") == 15
    assert entries() == 2


def test_another_reason_counts_again(context: Flask) -> None:
    give("supporter:1", 15, "claim:1")
    give("supporter:1", 5, "claim:1", reason="led_the_team")
    assert queries.balance("supporter:1") == 20


def test_the_first_transfer_comes_back_even_when_reversed(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    take_back(first)
    assert give("supporter:1", 15, "claim:1") == first
    assert queries.balance("supporter:1") == 0


def test_amounts_out_of_range_are_bad_input(context: Flask, subtests: pytest.Subtests) -> None:
    for amount in (0, -1, 10**12 + 1, 1.5):
        with subtests.test(amount=amount):
            with pytest.raises(BadInput):
                give("supporter:1", amount, "claim:1")
            assert entries() == 0


def test_nobody_goes_below_zero(context: Flask) -> None:
    give("supporter:1", 15, "claim:1")
    with pytest.raises(Refused) as refusal:
        move("supporter:1", "supporter:2", 16, "reward:1")
    assert refusal.value.params == {"left": "1.5", "wanted": "1.6"}
    assert queries.balance("supporter:1") == 15
    move("supporter:1", "supporter:2", 15, "reward:2")
    assert (queries.balance("supporter:1"), queries.balance("supporter:2")) == (0, 15)


def test_a_reversal_mirrors_and_says_why(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    back = db.session.get(PointsTransfer, take_back(first, "重复记了"))
    assert (back.reverses_id, back.note, back.amount) == (first, "重复记了", 15)
    assert queries.balance("supporter:1") == 0
    assert queries.broken_ledger() == []
    recorded = db.session.scalars(select(AuditEntry).where(AuditEntry.kind == "points", AuditEntry.action == "reverse")).one()
    assert (recorded.thing_id, recorded.note, recorded.place_path) == (first, "重复记了", "/1/")


def test_a_reversal_happens_once_and_is_final(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    back = take_back(first)
    for transfer_id in (first, back):
        with pytest.raises(Refused):
            take_back(transfer_id)
    assert entries() == 4


def test_a_reversal_needs_a_reason(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    with pytest.raises(BadInput):
        take_back(first, "  ")


def test_spent_points_cannot_be_taken_back(context: Flask) -> None:
    first = give("supporter:1", 15, "claim:1")
    move("supporter:1", "user:9", 10, "reward:1")
    with pytest.raises(Refused) as refusal:
        take_back(first)
    assert refusal.value.params == {"left": "0.5", "wanted": "1.5"}
    assert queries.broken_ledger() == []


def test_the_day_is_capped_for_a_person(context: Flask, clock: Clock) -> None:
    def earn(number: int, kind: str = "member") -> int | None:
        with transaction():
            made = service.credit_wish("supporter:1", owner_kind=kind, kind="service", minutes=90, source=f"claim:{number}", by=SYSTEM)
            return made.amount if made else None

    assert [earn(1), earn(2), earn(3)] == [15, 5, None]
    assert earn(1) == 15, "a replay gives the first transfer"
    clock.forward(days=1)
    assert earn(4) == 15
    assert earn(5, kind="unit") == 15


def test_what_was_taken_back_makes_room_in_the_day(context: Flask, clock: Clock) -> None:
    def earn(number: int) -> object:
        with transaction():
            return service.credit_wish("supporter:1", owner_kind="member", kind="service", minutes=120, source=f"claim:{number}", by=SYSTEM)

    first = earn(1)
    assert earn(2) is None
    take_back(first.id)
    assert earn(2).amount == 20


def test_history_is_newest_first_and_filtered(context: Flask) -> None:
    give("supporter:1", 15, "claim:1")
    first = give("supporter:1", 5, "claim:2")
    take_back(first)
    assert [line.entry.amount for line in queries.history("supporter:1").rows] == [-5, 5, 15]
    assert [line.entry.amount for line in queries.history("supporter:1", only="gained").rows] == [5, 15]
    assert [line.entry.amount for line in queries.history("supporter:1", only="spent").rows] == [-5]
    assert queries.history("supporter:1").rows[1].reversal_id is not None
    assert queries.count_of("supporter:1", "test") == 1


CHANGES = (
    "UPDATE points_entries SET amount = amount + 1", "DELETE FROM points_entries", "UPDATE points_transfers SET note = 'x'", "DELETE FROM points_transfers",
)


def test_the_ledger_is_append_only(context: Flask, subtests: pytest.Subtests) -> None:
    give("supporter:1", 15, "claim:1")
    for statement in CHANGES:
        with subtests.test(statement=statement), pytest.raises(DBAPIError, match="append-only"), transaction():
            db.session.execute(db.text(statement))


def test_a_balance_below_zero_is_refused_by_the_database_itself(context: Flask) -> None:
    give("supporter:1", 15, "claim:1")
    with pytest.raises(DBAPIError), transaction():
        db.session.execute(db.text("UPDATE points_accounts SET balance = -1 WHERE owner = 'supporter:1'"))


def test_heads_are_written_once_a_day(context: Flask, clock: Clock) -> None:
    give("supporter:1", 15, "claim:1")
    path = heads.write_heads()
    kept = path.read_bytes()
    give("supporter:1", 15, "claim:2")
    assert heads.write_heads() == path and path.read_bytes() == kept
    assert heads.known_heads()["supporter:1"][0] == 1
    clock.forward(days=1)
    assert heads.write_heads() != path
    assert heads.known_heads()["supporter:1"][0] == 2
    assert queries.broken_ledger(heads.known_heads()) == []
