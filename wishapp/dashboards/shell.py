"""What the page shell shows each person: navigation with what waits, unread notices, their place. Read-only, few queries."""

from flask import url_for
from flask_babel import gettext as _
from flask_login import current_user

from wishapp.dashboards.queries import waiting
from wishapp.kernel.permissions import FIELD_STAFF, HELPERS, STAFF
from wishapp.kernel.roles import Actor
from wishapp.notices import queries as notices
from wishapp.places import queries as places
from wishapp.web.ui import NavItem, Shell


def nav(actor: Actor) -> list[NavItem]:
    """Main navigation: five places at most, the wish button in the middle of the phone's bar."""
    middle = NavItem("wishes.new", _("Make a wish"), "plus")
    wall, calls = NavItem("wishes.wall", _("Wish wall"), "home"), NavItem("volunteering.index", _("Volunteering"), "walk")
    if actor.id is None:
        return [wall, calls, middle, NavItem("accounts.sign_in", _("Sign in"), "user")]
    if actor.roles & FIELD_STAFF:
        second = NavItem("dashboards.today", _("My desk"), "list")
    elif actor.roles & HELPERS:
        second = NavItem("dashboards.today", _("To do"), "hand")
    else:
        second = NavItem("wishes.mine", _("My wishes"), "drop")
    points = NavItem("points.mine", _("Points"), "ticket", is_wide=True)  # on a phone one goes there from one's own page
    return [wall, second, middle, calls, points, NavItem("accounts.profile", _("Mine"), "user")]


def rail(actor: Actor) -> list[NavItem]:
    """Staff navigation, with how much waits."""
    items = [NavItem("dashboards.today", _("Waiting"), "list")]
    counts = waiting(actor) if actor.roles & FIELD_STAFF else None
    if actor.roles & STAFF:
        items += [
            NavItem("wishes.queue", _("Wish review"), "drop", counts.wishes),
            NavItem("volunteering.desk", _("Calls"), "walk", counts.calls),
            NavItem("volunteering.hours", _("Hours of service"), "clock", counts.hours),
            NavItem("matching.desk", _("Matching"), "swap", counts.proposals),
            NavItem("supporters.index", _("Supporters"), "building"),
            NavItem("points.index", _("Points"), "ticket"),
            NavItem("accounts.index", _("People"), "users"),
            NavItem("audit.index", _("Record"), "doc"),
            NavItem("dashboards.figures", _("Figures"), "chart"),
            NavItem("places.index", _("Places"), "tune"),
        ]
    elif actor.roles & FIELD_STAFF:
        items.append(NavItem("volunteering.desk", _("Calls"), "walk"))
        items.append(NavItem("volunteering.hours", _("Hours of service"), "clock", counts.hours))
        items.append(NavItem("wishes.field", _("On site"), "pin"))
    return items


def unread(actor: Actor) -> int:
    """Notices this person has not opened."""
    return notices.unread_count(actor.id) if actor.id else 0


def place_name(actor: Actor) -> str:
    """The reader's place: where they work, else where they live."""
    for grant in sorted(actor.grants, key=lambda held: len(held.path)):
        if grant.role in FIELD_STAFF:
            found = places.place(grant.place_id)
            return found.name if found else ""
    return current_user.community.name if actor.id and current_user.community else ""


def community_phone(actor: Actor) -> str:
    """Telephone of the reader's community."""
    return current_user.community.phone if actor.id and current_user.community else ""


def links(actor: Actor) -> dict[str, str]:
    """Addresses the shell knows by name; `start` is where one lands after signing in."""
    found = {"home": url_for("wishes.wall"), "volunteering": url_for("volunteering.index"), "privacy": url_for("accounts.privacy")}
    if actor.id is None:
        return found | {"sign_in": url_for("accounts.sign_in")}
    found |= {"sign_out": url_for("accounts.sign_out"), "inbox": url_for("notices.inbox"), "me": url_for("accounts.profile")}
    found["start"] = url_for("dashboards.today" if actor.roles & (FIELD_STAFF | HELPERS) else "wishes.mine")
    if actor.roles & FIELD_STAFF:
        found["desk"] = found["start"]
    return found


SHELL = Shell(nav=nav, rail=rail, unread=unread, place_name=place_name, community_phone=community_phone, links=links)
