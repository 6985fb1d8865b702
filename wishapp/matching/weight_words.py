"""What weights are called on the page: each term with what it means and what it gives, each spreading with its effect."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from wishapp.matching.models import Weighting

# term: (name, what it means, what it gives at 100 %)
TERMS = {
    "urgency": (_l("Urgency"), _l("How soon it is needed"), _l("Within 3 days 400 points, within a week 200")),
    "vulnerability": (_l("Care first"), _l("Whom it is for; the group itself is never shown"),
                      _l("Seriously ill 150, living alone, disabled or a child in need 120, low income 90")),
    "waiting": (_l("Waiting time"), _l("How long it has been on the wall, and how often nobody was found"), _l("2 points a day, 60 for each round without anybody")),
    "kind": (_l("Promised help"), _l("Units that promised this very kind of help this year"), _l("Promised it: 150; simply does it: 60")),
    "skill": (_l("Skill"), _l("Knows what is wanted, for example nursing or plumbing"), _l("Knows it: 200")),
    "near": (_l("Nearness"), _l("How far the helper has to go"), _l("Next door 100, at 1 km 60, from 2.5 km on nothing")),
    "paired": (_l("Pairing"), _l("Paired with the community, or living in it"), _l("Paired unit 200, neighbour 80")),
    "quota": (_l("Pace of the year"), _l("Units with much of their promise left go first; those ahead of the calendar are spared"),
              _l("Between 60 more and 60 less")),
    "load": (_l("Busy lately"), _l("Tasks taken on in the last 30 days"), _l("A unit loses 10 for each, a person 40; at most 120")),
    "declines": (_l("Said no lately"), _l("Offers declined or left unanswered in half a year"), _l("15 less for each, at most 60")),
    "continuity": (_l("A known face"), _l("Has helped the same person before"), _l("The same person 120, somebody in the same community 30")),
}
SPREADS = {
    "unit": (_l("Units"), _l("So that no unit carries a whole round: its third task costs 40 points, its eighth 140")),
    "member": (_l("Party members"), _l("A second task in one round costs 60 points")),
    "team": (_l("Teams"), _l("From the third task in one round on, each costs 50 points")),
    "volunteer": (_l("Volunteers"), _l("A second task in one round costs 60 points")),
    "places": (_l("Communities"), _l("So that none is left behind: the first third of each one’s wishes earn 60 points extra")),
}
STRENGTHS = (_l("Not at all"), _l("Gently"), _l("As usual"), _l("Strongly"))
HELPERS = {"unit": _l("a unit"), "member": _l("a party member"), "team": _l("a team"), "volunteer": _l("a volunteer")}
PARTS = {"changed": _l("Somebody else"), "gained": _l("Newly served"), "lost": _l("No longer served")}


def version(found: Weighting | None) -> str:
    """How plans name the weights they were worked out with."""
    return _("weights: version %(number)d", number=found.number) if found is not None else _("weights: as they come with the house")


def percent(value: int) -> str:
    """A weight in words beside its number."""
    return _("does not count") if value == 0 else f"{value} %"


def who(entry: list | None, before: list | None = None) -> str:
    """A helper of a preview: units and teams by name, persons by kind only; after another person of the same kind: another one."""
    if entry is None:
        return _("nobody")
    if entry == before and not entry[1]:
        return _("another one")
    return entry[1] or str(HELPERS.get(entry[0], entry[0]))


def gist(preview: dict) -> list[str]:
    """A preview in one or two sentences."""
    if not preview.get("plans"):
        return [_("There is no plan of the last month to compare with.")]
    if not (preview["changed"] or preview["gained"] or preview["lost"]):
        return [_("Nothing would have changed.")]
    said = [ngettext("%(num)d wish would have gone to somebody else.", "%(num)d wishes would have gone to somebody else.", preview["changed"])]
    if preview["gained"] or preview["lost"]:
        said.append(_("%(gained)d that found nobody would have found somebody, %(lost)d the other way round.", gained=preview["gained"], lost=preview["lost"]))
    if preview.get("anyway"):
        said.append(ngettext("About %(num)d of these changes would have come by searching longer alone.",
                             "About %(num)d of these changes would have come by searching longer alone.", preview["anyway"]))
    return said
