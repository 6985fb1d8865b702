"""Verbs of the ledger. Everything happens inside the caller's transaction; the ledger never opens its own.

Two transfers that touch the same account stand in line: the accounts are locked in the order of their ids (SELECT … FOR
UPDATE on PostgreSQL; on SQLite the writing transaction already is alone), so there is no deadlock among ledger locks.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.exc import IntegrityError

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, Refused
from wishapp.kernel.privacy import check_reason
from wishapp.kernel.roles import Actor
from wishapp.kernel.text import N_
from wishapp.points import chain
from wishapp.points.models import PointsAccount, PointsEntry, PointsTransfer
from wishapp.points.rules import POINT, points_for_wish, within_day
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import Conflict
from wishapp.store.upsert import insert_missing

__all__ = ["BANK", "FULFILLED", "LISTENERS", "POINT", "SERVED", "credit", "credit_service", "credit_wish", "points_for_wish", "reverse", "transfer"]
BANK = "bank:issue"
LISTENERS: list[Callable[[PointsTransfer, str, str], None]] = []  # called inside the transaction with (reversed transfer, owner, why)
FULFILLED = "wish_fulfilled"
SERVED = "service_done"
REVERSAL = "reversal"
MOST = 10**12


def credit(
    owner: str, amount: int, *, source: str, reason: str, by: Actor, title: str = "", place_path: str | None = None, note: str = "",
) -> PointsTransfer:
    """Give `amount` tenths of a point to `owner` ("supporter:12", "user:5"), once per (source, reason).

    A second call with the same (source, reason) changes nothing and returns the first transfer, also when that was
    reversed meanwhile: a new earning needs a new source (e.g. "claim:7:2" after a dispute).
    """
    return transfer(BANK, owner, amount, source=source, reason=reason, by=by, title=title, place_path=place_path, note=note)


def credit_wish(
    owner: str, *, owner_kind: str, kind: str, minutes: int, source: str, by: Actor, people: int = 1, title: str = "",
    place_path: str | None = None,
) -> PointsTransfer | None:
    """Credit a fulfilled wish by the rules (rules.py): worth of the kind and time, persons capped by the day.

    `owner_kind` is the supporter's kind, `source` e.g. "claim:7". None when the day's cap leaves nothing to credit.
    """
    done = _find(source, FULFILLED)
    if done:
        return done
    accounts = _locked(BANK, owner)
    amount = within_day(points_for_wish(kind, minutes, people), _earned(accounts[owner], _wishes_on(clock.today())), owner_kind)
    if amount == 0:
        return None
    return credit(owner, amount, source=source, reason=FULFILLED, by=by, title=title, place_path=place_path)


def credit_service(
    owner: str, wanted: int, *, owner_kind: str, day: date, same_day: Iterable[str], source: str, by: Actor, title: str = "",
    place_path: str | None = None,
) -> PointsTransfer | None:
    """Credit hours of service that are final: `wanted` tenths, persons capped by the local day of the service (not of the crediting).

    What wishes brought on that day counts against the cap, and what the other pieces of service of that day did: `same_day` names their
    sources, e.g. "hours:7". None when nothing is left to credit; once per source, as everywhere.
    """
    done = _find(source, SERVED)
    if done:
        return done
    accounts = _locked(BANK, owner)
    services = (PointsTransfer.reason == SERVED) & PointsTransfer.source.in_(list(same_day))
    amount = within_day(wanted, _earned(accounts[owner], _wishes_on(day) | services), owner_kind)
    if amount == 0:
        return None
    return credit(owner, amount, source=source, reason=SERVED, by=by, title=title, place_path=place_path)


def transfer(
    payer: str, owner: str, amount: int, *, source: str, reason: str, by: Actor, title: str = "", place_path: str | None = None,
    note: str = "", reverses_id: int | None = None,
) -> PointsTransfer:
    """Move `amount` tenths from `payer` to `owner` as one transfer with two entries that sum to zero; idempotent on (source, reason).

    Raises BadInput on an amount outside 1..10^12 or equal accounts, Refused when the payer has too little.
    """
    if not isinstance(amount, int) or not 1 <= amount <= MOST or payer == owner:
        raise BadInput(N_("This number of points cannot be moved."))
    accounts = _locked(payer, owner)
    done = _find(source, reason)
    if done:
        return done
    if accounts[payer].balance < amount and not payer.startswith("bank:"):
        raise Refused(N_("There are not enough points for this: %(left)s are left, %(wanted)s are needed."),
                      left=_shown(accounts[payer].balance), wanted=_shown(amount))
    made = PointsTransfer(source=source, reason=reason, amount=amount, title=title[:120], note=note[:200], place_path=place_path, by_id=by.id,
                          reverses_id=reverses_id, at=clock.now())
    db.session.add(made)
    try:
        db.session.flush()
    except IntegrityError as error:
        # the same (source, reason) between other accounts, or the same reversal, just committed: look again from the start
        raise Conflict("the same transfer is being made") from error
    _enter(made, accounts[payer], -amount)
    _enter(made, accounts[owner], amount)
    return made


def reverse(first: PointsTransfer, *, by: Actor, note: str) -> PointsTransfer:
    """Take a transfer back with a reason, once. Who may is for the caller to check (access_transfer with points.reverse).

    Raises BadInput without a reason, Refused when it is reversed already, is itself a reversal, or the points are spent.
    """
    if not note.strip():
        raise BadInput(N_("Please say why, in a few words."))
    check_reason(note)
    if first.reverses_id is not None:
        raise Refused(N_("This already is a correction and stays as it is."))
    payer, owner = (entry.account.owner for entry in sorted(first.entries, key=lambda entry: entry.amount))
    holder = _locked(payer, owner)[owner]
    if db.session.scalar(select(PointsTransfer.id).where(PointsTransfer.reverses_id == first.id)):
        raise Refused(N_("This was taken back already."))
    if holder.balance < first.amount and not owner.startswith("bank:"):
        raise Refused(N_("These points cannot be taken back: only %(left)s of %(wanted)s are still there."),
                      left=_shown(holder.balance), wanted=_shown(first.amount))
    made = transfer(owner, payer, first.amount, source=f"transfer:{first.id}", reason=REVERSAL, by=by, title=first.title,
                    place_path=first.place_path, note=note.strip(), reverses_id=first.id)
    audit.record("points", first.id, "reverse", by=by, place_path=first.place_path, note=note.strip(), data={"reversal_id": made.id})
    for listener in LISTENERS:
        listener(first, owner, note.strip())
    return made


def _find(source: str, reason: str) -> PointsTransfer | None:
    return db.session.scalar(select(PointsTransfer).where(PointsTransfer.source == source, PointsTransfer.reason == reason))


def _locked(*owners: str) -> dict[str, PointsAccount]:
    """The accounts of these owners, made when missing, locked in id order, as they are now."""
    insert_missing(PointsAccount, [{"owner": owner} for owner in sorted(set(owners))], ("owner",))
    query = select(PointsAccount).where(PointsAccount.owner.in_(owners)).order_by(PointsAccount.id)
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {account.owner: account for account in rows}


def _enter(made: PointsTransfer, account: PointsAccount, amount: int) -> None:
    """One side of a transfer: the next link of the account's chain, then the account itself, only if it is as it was."""
    seq, balance = account.seq + 1, account.balance + amount
    digest = chain.link(account.head, chain.canonical(account.owner, seq, amount, balance, made))
    db.session.add(PointsEntry(transfer_id=made.id, account_id=account.id, seq=seq, amount=amount, balance=balance, digest=digest))
    db.session.flush()
    moved = db.session.execute(
        update(PointsAccount).where(PointsAccount.id == account.id, PointsAccount.seq == account.seq)
        .values(balance=balance, seq=seq, head=digest).execution_options(synchronize_session=False))
    if moved.rowcount != 1:
        raise Conflict("the account moved meanwhile")
    db.session.refresh(account)


def _wishes_on(day: date) -> ColumnElement[bool]:
    """Transfers for wishes fulfilled on this local day."""
    start = datetime.combine(day, time(), clock.LOCAL)
    return (PointsTransfer.reason == FULFILLED) & (PointsTransfer.at >= start) & (PointsTransfer.at < start + timedelta(days=1))


def _earned(account: PointsAccount, which: ColumnElement[bool]) -> int:
    """Tenths an account got by these transfers, reversals taken off."""
    earned = select(PointsTransfer.id).where(which)
    query = (
        select(func.coalesce(func.sum(PointsEntry.amount), 0)).join(PointsTransfer)
        .where(PointsEntry.account_id == account.id, which | PointsTransfer.reverses_id.in_(earned))
    )
    return int(db.session.scalar(query))


def _shown(tenths: int) -> str:
    return f"{tenths / 10:g}"
