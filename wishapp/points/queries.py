"""Reads of the ledger, and its check."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased, joinedload

from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.points import chain
from wishapp.points.models import PointsAccount, PointsEntry, PointsTransfer
from wishapp.store.db import db
from wishapp.store.paging import Page, page_of
from wishapp.supporters import queries as supporters

GAINED, SPENT = "gained", "spent"


@dataclass(frozen=True)
class Line:
    """One line of a history: the entry, its transfer, and the id of the transfer's reversal if there is one."""

    entry: PointsEntry
    transfer: PointsTransfer
    reversal_id: int | None


def balance(owner: str) -> int:
    """Balance in tenths; 0 for owners without an account."""
    return db.session.scalar(select(PointsAccount.balance).where(PointsAccount.owner == owner)) or 0


def has_account(owner: str) -> bool:
    """Did this owner ever have points."""
    return db.session.scalar(select(PointsAccount.id).where(PointsAccount.owner == owner)) is not None


def balances(owners: list[str]) -> dict[str, int]:
    """Balances in tenths of several owners: {owner: balance}, 0 where there is no account."""
    found = dict(db.session.execute(select(PointsAccount.owner, PointsAccount.balance).where(PointsAccount.owner.in_(owners))).all())
    return {owner: found.get(owner, 0) for owner in owners}


def history(owner: str, page: int = 1, *, only: str = "", size: int = 20) -> Page:
    """Lines of an account, newest first; `only` "gained" or "spent"."""
    reversal = aliased(PointsTransfer)
    query = (
        select(PointsEntry, PointsTransfer, reversal.id).join(PointsAccount, PointsAccount.id == PointsEntry.account_id)
        .join(PointsTransfer, PointsTransfer.id == PointsEntry.transfer_id)
        .outerjoin(reversal, reversal.reverses_id == PointsTransfer.id)
        .where(PointsAccount.owner == owner).order_by(PointsEntry.seq.desc())
    )
    if only == GAINED:
        query = query.where(PointsEntry.amount > 0)
    if only == SPENT:
        query = query.where(PointsEntry.amount < 0)
    return page_of(query, page, size, scalars=False, convert=lambda row: Line(*row))


def earned_since(owner: str, moment: object) -> int:
    """Sum in tenths of an owner's entries since a moment, corrections included."""
    query = (
        select(func.coalesce(func.sum(PointsEntry.amount), 0)).join(PointsAccount).join(PointsTransfer)
        .where(PointsAccount.owner == owner, PointsTransfer.at >= moment)
    )
    return int(db.session.scalar(query))


def count_of(owner: str, reason: str) -> int:
    """How many transfers this owner got for a reason, those taken back not counted."""
    back = aliased(PointsTransfer)
    query = (
        select(func.count()).select_from(PointsEntry).join(PointsAccount).join(PointsTransfer, PointsTransfer.id == PointsEntry.transfer_id)
        .outerjoin(back, back.reverses_id == PointsTransfer.id)
        .where(PointsAccount.owner == owner, PointsTransfer.reason == reason, back.id.is_(None))
    )
    return db.session.scalar(query)


def transfer_for(source: str, reason: str) -> PointsTransfer | None:
    """The transfer made for (source, reason), or None."""
    return db.session.scalar(select(PointsTransfer).where(PointsTransfer.source == source, PointsTransfer.reason == reason))


def access_transfer(actor: Actor, transfer_id: int, permission: str) -> PointsTransfer:
    """A transfer, for staff holding `permission` at its place; NotFound otherwise."""
    query = select(PointsTransfer).options(joinedload(PointsTransfer.entries)).where(PointsTransfer.id == transfer_id)
    found = db.session.scalars(query).unique().one_or_none()
    if found is None or not actor.may(permission, found.place_path or "/"):
        raise NotFound()
    return found


def access_owner(actor: Actor, supporter_id: int, permission: str) -> str:
    """The ledger's name "supporter:12", for those who may `permission` on the supporter (see supporters.access_supporter)."""
    return f"supporter:{supporters.access_supporter(actor, supporter_id, permission).id}"


def heads() -> dict[str, tuple[int, str]]:
    """{owner: (seq, head)} of every account, to be kept outside the database."""
    rows = db.session.execute(select(PointsAccount.owner, PointsAccount.seq, PointsAccount.head).order_by(PointsAccount.id))
    return {row.owner: (row.seq, row.head) for row in rows}


def broken_ledger(known_heads: dict[str, tuple[int, str]] | None = None) -> list[str]:
    """Replay the whole ledger; every break in words, [] when it is sound.

    Edited, deleted, swapped or inserted entries and transfers break an account's chain; `known_heads` (see `heads`), kept
    outside the database, also reveal a tail cut off together with the account's own row.
    """
    return [*_broken_chains(known_heads or {}), *_broken_transfers(), *_broken_reversals()]


def _broken_chains(known: dict[str, tuple[int, str]]) -> list[str]:
    problems: list[str] = []
    accounts = {account.id: account for account in db.session.scalars(select(PointsAccount).execution_options(populate_existing=True))}
    ends = dict.fromkeys(accounts, (0, 0, chain.ZERO))
    seen: dict[str, str] = {}
    rows = db.session.execute(
        select(PointsEntry, PointsTransfer).outerjoin(PointsTransfer, PointsTransfer.id == PointsEntry.transfer_id)
        .order_by(PointsEntry.account_id, PointsEntry.seq).execution_options(yield_per=2000, populate_existing=True))
    for entry, transfer in rows:
        owner = accounts[entry.account_id].owner
        seq, total, head = ends[entry.account_id]
        if entry.seq != seq + 1:
            problems.append(f"points account {owner}: entry {seq + 1} is missing")
        if transfer is None or chain.link(head, chain.canonical(owner, entry.seq, entry.amount, entry.balance, transfer)) != entry.digest:
            problems.append(f"points account {owner}: entry {entry.seq} does not match its digest")
        if entry.balance != total + entry.amount:
            problems.append(f"points account {owner}: entry {entry.seq} has the wrong balance")
        ends[entry.account_id] = (entry.seq, entry.balance, entry.digest)
        if known.get(owner, (0, ""))[0] == entry.seq:
            seen[owner] = entry.digest
    for account_id, account in accounts.items():
        if ends[account_id] != (account.seq, account.balance, account.head):
            problems.append(f"points account {account.owner}: does not end where its row says")
        if account.balance < 0 and not account.owner.startswith("bank:"):
            problems.append(f"points account {account.owner}: below zero")
    for owner, (seq, head) in known.items():
        if seq and seen.get(owner) != head:
            problems.append(f"points account {owner}: entry {seq} differs from the head kept outside, or is gone")
    if sum(account.balance for account in accounts.values()) != 0:
        problems.append("points balances do not sum to zero")
    return problems


def _broken_transfers() -> list[str]:
    sums = (
        select(PointsTransfer.id).outerjoin(PointsEntry, PointsEntry.transfer_id == PointsTransfer.id).group_by(PointsTransfer.id)
        .having((func.count(PointsEntry.id) != 2) | (func.sum(PointsEntry.amount) != 0) | (func.max(PointsEntry.amount) != PointsTransfer.amount))
    )
    return [f"points transfer {transfer_id}: its two sides do not match" for transfer_id in db.session.scalars(sums)]


def _broken_reversals() -> list[str]:
    first, back = aliased(PointsTransfer), aliased(PointsTransfer)
    gave, took = aliased(PointsEntry), aliased(PointsEntry)
    mirrored = (
        select(back.id).join(first, first.id == back.reverses_id).join(gave, gave.transfer_id == first.id)
        .outerjoin(took, (took.transfer_id == back.id) & (took.account_id == gave.account_id) & (took.amount == -gave.amount))
        .where(took.id.is_(None)).distinct()
    )
    return [f"points transfer {transfer_id}: does not mirror what it takes back" for transfer_id in db.session.scalars(mirrored)]
