"""Pages of the ledger: one's own points, and the accounts of a subtree as staff see them."""

from datetime import datetime, time
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.points import listing, queries, rules, service
from wishapp.points.forms import ReverseForm
from wishapp.points.models import PointsEntry
from wishapp.store.transaction import transaction
from wishapp.supporters import queries as supporters
from wishapp.supporters.models import Supporter, SupporterKind
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

blueprint = Blueprint("points", __name__)


def month_start() -> datetime:
    """The first moment of the present local month."""
    return datetime.combine(clock.today().replace(day=1), time(), clock.LOCAL)


def short_date(moment: datetime) -> str:
    """A local date that fits a narrow column: 11-15, with the year when it is another one."""
    there = moment.astimezone(clock.LOCAL)
    return f"{there:%m-%d}" if there.year == clock.today().year else f"{there:%Y-%m-%d}"


def only() -> str:
    """Which lines of a history are asked for: gained, spent, or all ("")."""
    wanted = request.args.get("only", "")
    return wanted if wanted in (queries.GAINED, queries.SPENT) else ""


@blueprint.get("/points")
@guard("points.own", scope="own")
def mine() -> Any:
    """Balance and history of the supporters this person answers for, and of the person alone (hours served without being on the
    register); ?of=12 chooses among several, 0 the person."""
    actor = current_actor()
    own = supporters.supporters_of(actor.id)
    alone = f"user:{actor.id}"
    has_own = queries.has_account(alone)
    wanted = arguments.number("of")
    chosen = next((supporter for supporter in own if supporter.id == wanted), own[0] if own else None)
    if has_own and (wanted == 0 or chosen is None):
        return account_page("points/mine.html", None, owner=alone, own=own, has_own=has_own)
    if chosen is None:
        return render_template("points/none.html", rules=rules)
    return account_page("points/mine.html", chosen, own=own, has_own=has_own)


@blueprint.get("/desk/points")
@guard("points.staff_read", scope="place")
def index() -> Any:
    """Supporters of the subtree with their points, most first."""
    actor = current_actor()
    search, kind = arguments.text("q", most=60), arguments.choice("kind", SupporterKind)
    page = listing.accounts(actor, search=search, kind=kind, number=arguments.page())
    totals = listing.totals(actor, month_start())
    return render_template("points/index.html", page=page, q=search, kind=kind or "", kinds=list(SupporterKind), totals=totals)


@blueprint.get("/desk/points/<int:supporter_id>")
@guard("points.staff_read", scope="place")
def show(supporter_id: int) -> Any:
    """A supporter's account; street and district staff may take a line back."""
    return account_page("points/show.html", supporters.access_supporter(current_actor(), supporter_id, "points.staff_read"))


@blueprint.post("/desk/points/transfers/<int:transfer_id>/reverse")
@guard("points.reverse", scope="place")
def reverse(transfer_id: int) -> Any:
    """Take a transfer back, with a reason, once."""
    actor = current_actor()
    transfer = queries.access_transfer(actor, transfer_id, "points.reverse")
    form = ReverseForm()
    with transaction():
        service.reverse(transfer, by=actor, note=form.note.data if form.validate() else "")
    flash(_("Corrected. Both lines stay in the history."), "done")
    return redirect(account_url(transfer.entries) or url_for("points.index"), 303)


def account_url(entries: list[PointsEntry]) -> str | None:
    """The staff page of the supporter a transfer's entries belong to."""
    owner = next((entry.account.owner for entry in entries if entry.account.owner.startswith("supporter:")), None)
    return url_for("points.show", supporter_id=int(owner.partition(":")[2])) if owner else None


def account_page(template: str, supporter: Supporter | None, *, owner: str = "", **more: Any) -> str:
    """Balance, this month and the lines of one account: a supporter's, or `owner`'s."""
    owner, actor = owner or f"supporter:{supporter.id}", current_actor()
    page = queries.history(owner, arguments.page(), only=only())
    return render_template(
        template, supporter=supporter, page=page, only=only(), balance=queries.balance(owner), this_month=queries.earned_since(owner, month_start()),
        count=queries.count_of(owner, service.FULFILLED), served=queries.count_of(owner, service.SERVED), rules=rules, short_date=short_date,
        may_reverse=lambda place_path: actor.may("points.reverse", place_path or "/"), **more,
    )
