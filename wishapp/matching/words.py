"""The office's words on screen: terms, rules, reasons, phases. Everything the database keeps as a word of a table gets its sentence here."""

from datetime import datetime

from flask_babel import format_datetime, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from wishapp.kernel import clock
from wishapp.matching.models import MatchRun, Proposal
from wishapp.web.filters import metres

DISMISS_REASONS = {
    "unsuitable": _l("Does not suit"), "too_far": _l("Too far"), "enough": _l("They do enough already"),
    "arranged": _l("Arranged otherwise"), "other": _l("Another reason"),
}
DECLINE_REASONS = {
    "time": _l("No time for it"), "quota": _l("This year’s promise is used up"), "lacking": _l("We do not have such a thing"),
    "far": _l("Too far for us"), "other": _l("Another reason"),
}
OTHER_WHYS = {"forbid": _l("Not to be paired again"), "swap_undone": _l("The swap was taken back")}
OBJECTIVES = {"value": _l("The best fit over all, urgent ones counting more"), "tiers": _l("Most urgent first, whatever it costs")}
TIERS = (_l("Today to 3 days"), _l("Within a week"), _l("No hurry"))
WHATS = {"": _l("Wishes and shifts"), "wish": _l("Wishes"), "shift": _l("Shifts")}
SHOWS = {"waiting": _l("All"), "changed": _l("Changed"), "approved": _l("Approved"), "settled": _l("Put aside")}
KINDS = {"unit": _l("Unit"), "member": _l("Party member"), "team": _l("Team"), "volunteer": _l("Volunteer")}
WEEKDAYS = (_l("Monday"), _l("Tuesday"), _l("Wednesday"), _l("Thursday"), _l("Friday"), _l("Saturday"), _l("Sunday"))
PARTS = {"morning": _l("morning"), "afternoon": _l("afternoon"), "evening": _l("evening")}
PHASES = {
    "read": _l("Reading what is open"), "flow": _l("A first plan"), "bound": _l("Working out the limit"),
    "search": _l("Improving it bit by bit"), "check": _l("Checking"),
}
PRESSES = {
    "approve": _l("Approving"), "dismiss": _l("Dismissing"), "pin": _l("Pinning"), "forbid": _l("Ruling out"), "undo": _l("Taking it back"),
    "recall": _l("Giving the seats back"), "send": _l("Sending out"),
}
RULES = {
    "help": _l("does not give this kind of help"), "skill": _l("does not have the skill"), "reach": _l("too far away now"),
    "room": _l("has nothing left to give"), "time": _l("not free then"), "person": _l("a unit: its members are asked for this"),
    "whole": _l("comes as a whole, and there are not so many seats"), "engaged": _l("taken up at that time"),
    "week": _l("asked often enough this week"), "terms": _l("on the list already, or outside the conditions of the call"), "barred": _l("ruled out, or said no lately"),
    "away": _l("not available just now"),
}
RUN_STATES = {
    "queued": (_l("In the queue"), "waiting"), "solving": (_l("Being worked out"), "running"), "in_review": (_l("Under review"), "delivered"),
    "in_use": (_l("In use"), "done"), "replaced": (_l("Replaced"), "withdrawn"), "cancelled": (_l("Cancelled"), "cancelled"),
    "failed": (_l("Failed"), "failed"),
}


def term(name: str, points: int = 0) -> str:
    """A reason as a chip says it (see scores.reasons_of): how it is called does not depend on what it weighs here."""
    return {
        "urgency": _("Most urgent"), "urgency.week": _("Within a week"), "kind": _("Promised this"), "kind.does": _("Does this"),
        "near": _("Very near"), "near.rather": _("Near"), "paired": _("Paired"), "paired.neighbour": _("Same community"),
        "quota": _("Has plenty left this year"), "quota.short": _("Ahead of its promise"), "continuity.place": _("Knows the place"),
        "vulnerability": _("Needs care first"), "waiting": _("Waited long"), "skill": _("Has the skill"), "load": _("Busy lately"),
        "declines": _("Said no lately"), "round": _("Several this round"), "continuity": _("Has helped them before"),
    }.get(name, name)


def why_you(proposal: Proposal, place_name: str, quota: tuple[int, int] | None = None) -> list[tuple[str, str, str]]:
    """(icon, sentence, note) for the supporter: only what is about them, nothing about the person in need."""
    points = {entry[0]: entry[1] for entry in proposal.reasons}
    is_unit = proposal.supporter.kind == "unit"
    said: list[tuple[str, str, str]] = []
    if points.get("paired"):
        said.append(("building", _("You are paired with %(place)s", place=place_name), _("Among equals the paired unit is asked first")))
    elif points.get("paired.neighbour"):
        said.append(("home", _("You live in the same community"), _("Neighbours find each other easily")))
    if points.get("kind") and quota:
        said.append(("gift", _("You promised this kind of help"), _("%(number)d promised this year, this would be number %(next)d",
                                                                   number=quota[1], next=min(quota[0] + 1, quota[1]))))
    elif points.get("skill"):
        said.append(("star", _("You know how to do it"), _("That is what is wanted here")))
    else:
        said.append(("gift", _("You said you help with things like this") if not is_unit else _("You help with things like this"), ""))
    minutes = max(1, round(proposal.distance / 67))
    said.append(("walk", _("It is near") if proposal.distance < 1500 else _("It is within your reach"),
                 _("about %(distance)s, %(minutes)d minutes on foot", distance=metres(proposal.distance), minutes=minutes)
                 if proposal.distance < 3000 else _("about %(distance)s", distance=metres(proposal.distance))))
    if points.get("continuity") or points.get("continuity.place"):
        said.append(("heart", _("You have helped here before"), ""))
    return said


def span(start: datetime, end: datetime) -> str:
    """When people come: 6月13日 周六 09:00–11:00, always with the weekday."""
    there, until = start.astimezone(clock.LOCAL), end.astimezone(clock.LOCAL)
    day = format_datetime(start, _("MMM d EEE"))
    return f"{day} {there:%H:%M}–{until:%H:%M}"


def span_of(entry: dict) -> str:
    """The same of an unserved demand; empty where it has no time of its own."""
    return span(*(datetime.fromisoformat(moment) for moment in entry["window"])) if entry.get("window") else ""


def skill_of(ref: str) -> str:
    """The skill a sort of seats asks for ("shift:12/nursing"), as people say it; else empty."""
    word = ref.partition("/")[2]
    return skill(word) if word else ""


def unserved(entry: dict) -> list[str]:
    """Why a demand found nobody, in sentences; see matching.explain for the facts."""
    said = [_fact(rule[0], rule[1:]) for rule in entry.get("why", [])]
    if entry.get("given"):
        said.insert(0, _("%(given)d of %(seats)d places are filled", given=entry["given"], seats=entry["seats"]))
    return said


def _fact(rule: str, facts: list) -> str:
    if rule == "nobody":
        return _("Nobody in the district gives this kind of help")
    if rule == "skill":
        return _("Nobody within reach knows “%(skill)s”", skill=", ".join(skill(word) for word in facts[0]))
    if rule == "reach":
        return ngettext("%(num)d is only %(short)s too far: a radius of %(radius)s would do",
                        "%(num)d are too far, the nearest by %(short)s: a radius of %(radius)s would do", facts[0],
                        short=metres(facts[1]), radius=metres(facts[2]))
    if rule == "room":
        return _("%(name)s has used up its promise; one more would do", name=facts[1])
    if rule == "time" and len(facts) > 1:
        return _at_that_time(*facts)
    if rule == "whole":
        return _("%(name)s would come with %(size)d people, more than there are seats", name=facts[1], size=facts[2])
    if rule == "engaged":
        return ngettext("%(num)d is taken up elsewhere at that time", "%(num)d are taken up elsewhere at that time", facts[0])
    if rule == "week":
        return ngettext("%(num)d was asked often enough this week", "%(num)d were asked often enough this week", facts[0])
    if rule == "terms":
        return ngettext("%(num)d is on the list already or outside the conditions", "%(num)d are on the list already or outside the conditions", facts[0])
    if rule == "time":
        return ngettext("%(num)d could help, but not at that time", "%(num)d could help, but not at that time", facts[0])
    if rule == "changed":
        return _("The one planned for it was taken up in the meantime")
    if rule == "barred":
        return ngettext("%(num)d said no lately or was ruled out", "%(num)d said no lately or were ruled out", facts[0])
    if rule == "busy":
        return ngettext("%(name)s would fit but is taken up by something more urgent",
                        "%(num)d would fit, all taken up by more urgent matters; %(name)s is closest", facts[0], name=facts[1])
    return ngettext("%(num)d gives this help, but something else stands in the way each time",
                    "%(num)d give this help, but something else stands in the way each time", facts[0] if facts else 1)


def _at_that_time(count: int, weekday: int, parts: list[str], skills: list[str]) -> str:
    moment = _("%(day)s %(part)s", day=WEEKDAYS[weekday], part=_("/").join(str(PARTS[part]) for part in parts))
    if skills:
        return ngettext("%(num)d nearby knows “%(skill)s” but is not free on %(moment)s", "%(num)d nearby know “%(skill)s”, but nobody of them is free on %(moment)s",
                        count, skill=", ".join(skill(word) for word in skills), moment=moment)
    return ngettext("%(num)d could help, but is not free on %(moment)s", "%(num)d could help, but nobody of them is free on %(moment)s", count, moment=moment)


def skill(word: str) -> str:
    """A skill as people say it."""
    return {
        "nursing": _("nursing"), "medicine": _("medicine"), "counselling": _("counselling"), "haircut": _("haircuts"),
        "electrics": _("electrics"), "plumbing": _("plumbing"), "carpentry": _("carpentry"), "appliances": _("appliances"),
        "smartphone": _("smartphones"), "tutoring": _("tutoring"), "law": _("law"), "driving": _("driving"), "cooking": _("cooking"),
        "sewing": _("sewing"), "cleaning": _("cleaning"), "photography": _("photography"), "calligraphy": _("calligraphy"), "music": _("music"),
    }.get(word, word)


def why(proposal: Proposal) -> str:
    """The reason kept with a proposal, in the reader's language where it is a word of ours."""
    known = {**DISMISS_REASONS, **OTHER_WHYS}
    if proposal.state == "stale":
        return _(proposal.why) % proposal.why_params if proposal.why_params else _(proposal.why)
    if proposal.state == "dismissed" and proposal.why in known:
        return str(known[proposal.why])
    return proposal.why


def person(kind: str, name: str) -> str:
    """李某 · 在职党员; a unit's or team's name stands alone."""
    return name if kind in ("unit", "team") else _("%(name)s · %(kind)s", name=name, kind=KINDS.get(kind, kind))


def number(run: MatchRun) -> str:
    """The version of a plan, or which trial it is."""
    return _("trial %(number)d", number=-run.number) if run.is_what_if else _("version %(number)d", number=run.number)


def run_state(run: MatchRun) -> tuple[str, str]:
    """(word, look) of a run's state; a trial that has come out is simply done."""
    word, look = (_("Worked out"), "done") if run.is_what_if and run.state == "in_review" else RUN_STATES[run.state]
    return str(word), look


def settings(run: MatchRun) -> str:
    """What a trial changed."""
    parts = []
    if run.options.get("reach"):
        parts.append(_("everybody goes up to %(radius)s", radius=metres(run.options["reach"])))
    if run.options.get("extra"):
        parts.append(ngettext("%(num)d more for each unit", "%(num)d more for each unit", run.options["extra"]))
    if run.options.get("objective") == "tiers":
        parts.append(_("most urgent first"))
    parts += [assumed(entry, run.options.get("names", {})) for entry in run.options.get("grants", ())]
    return _(", ").join(parts) or _("as things stand")


def assumed(entry: list, names: dict[str, str]) -> str:
    """One change a trial assumes (see grants). `names`: of helpers by id, as JSON keeps them."""
    what, who, _ref, amount = entry
    name = names.get(str(who), "")
    said = {
        "reach": _("%(name)s comes as far as %(radius)s", name=name, radius=metres(amount)), "room": _("%(name)s has room for one more", name=name),
        "seats": _("%(name)s takes one more in this round", name=name), "time": _("%(name)s is free at that time", name=name),
        "skill": _("%(name)s can do what is wanted", name=name), "help": _("%(name)s gives this help too", name=name),
        "later": _("it begins %(time)s later", time=duration(amount)),
    }
    return said[what]


def duration(minutes: int) -> str:
    """90 minutes, 2 hours."""
    if minutes % 60:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    return ngettext("%(num)d hour", "%(num)d hours", minutes // 60)


def help_kind(word: str) -> str:
    """A kind of help, or a promise for any kind."""
    return {
        "goods": _("Goods"), "service": _("Service"), "companionship": _("Companionship"), "repair": _("Repairs"), "environment": _("Surroundings"),
        "medical": _("Health"), "learning": _("Learning"), "job": _("A job"), "any": _("Any kind"),
    }.get(word, word)


def act(action: str) -> str:
    """A step of a proposal, as its record tells it."""
    return {
        "approve": _("approved it"), "dismiss": _("dismissed it"), "swap": _("put somebody else in"), "restore": _("brought it back"),
        "recall": _("took the approval back"), "accept": _("said yes"), "decline": _("said not this time"), "lapse": _("no answer in time"),
        "withdraw": _("took it back"), "outdate": _("no longer stood"), "repair": _("proposed after a change nearby"),
        "revive": _("proposed again after a change nearby"), "ask_next": _("next in line, asked by itself"), "propose": _("put in by hand"),
    }.get(action, action)


def left(entries: list[tuple[str, str, dict]], most: int = 5) -> list[str]:
    """What was left out and why, [(title, message, params)], the first few by name."""
    return [f"{title}: {_(message) % params if params else _(message)}" for title, message, params in entries[:most]]


def note(text: str | None) -> str:
    """A recorded reason: words of ours in the reader's language, anybody's own words as they are."""
    if not text:
        return ""
    known = {**DISMISS_REASONS, **OTHER_WHYS}
    return str(known[text]) if text in known else _(text) if text.isascii() else text
