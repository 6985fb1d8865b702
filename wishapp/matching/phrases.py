"""Answers about a plan in words: what somebody would do instead, what would help, what a trial assumes."""

from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.matching import words
from wishapp.web.filters import metres


def moves(answer: dict, names: dict[int, str], titles: dict[str, str]) -> list[str]:
    """What else changes when somebody must come: one sentence for each helper, then what would be left without anybody."""
    said = []
    for supporter_id, before, after in answer.get("moves", ()):
        name, was, then = names.get(supporter_id, ""), _listed(before, titles), _listed(after, titles)
        if was and then:
            said.append(_("%(name)s would do “%(then)s” instead of “%(was)s”", name=name, then=then, was=was))
        elif then:
            said.append(_("%(name)s would do “%(then)s”", name=name, then=then))
        else:
            said.append(_("%(name)s would be free", name=name))
    said += [_("“%(title)s” would be left without anybody", title=titles.get(ref, ref)) for ref in answer.get("left", ())]
    return said


def _listed(refs: list[str], titles: dict[str, str]) -> str:
    return _(", ").join(titles.get(ref, ref) for ref in refs)


def against(answer: dict, titles: dict[str, str]) -> list[str]:
    """What fills a helper in the plan."""
    said = []
    for rule, *facts in answer.get("against", ()):
        if rule == "minutes" or rule == "capacity" and facts[-1] == 1:  # who has time for one only
            said.append(_("has no time left this month with what the plan asks"))
        elif rule == "capacity":
            said.append(ngettext("has %(num)d in this plan already, more are not asked of anybody like it in one round",
                                 "has %(num)d in this plan already, more are not asked of anybody like it in one round", facts[0]))
        elif rule == "clash":
            said.append(_("is busy at that time with “%(title)s”", title=titles.get(facts[0], facts[0])))
        elif rule == "stock":
            said.append(_("has given all it promised of this kind"))
        elif rule == "forbidden":
            said.append(_("was ruled out"))
    if answer.get("doing"):
        said.append(_("in this plan: %(titles)s", titles=_listed(answer["doing"], titles)))
    return said


def evenness(row: dict) -> str:
    """How evenly a kind of helper is asked, measured against the most even there could be with so many tasks."""
    room = 1 - row["gini_least"]
    uneven = (row["gini"] - row["gini_least"]) / room if room > 0 else 0.0
    return _("as even as can be") if uneven < 0.1 else _("fairly even") if uneven < 0.35 else _("rests on few")


def idea(entry: dict) -> str:
    """A change that would serve a demand, as something to ask for."""
    what, _who, _ref, amount = entry["grant"]
    name = entry["name"]
    if what == "reach":
        return _("Ask %(name)s to come as far as %(radius)s", name=name, radius=metres(amount))
    if what == "room" and entry["is_unit"]:
        return _("Ask %(name)s to promise one more this year", name=name)
    if what == "room":
        return ngettext("Ask %(name)s for %(num)d minute more this month", "Ask %(name)s for %(num)d minutes more this month", amount, name=name)
    if what == "seats":
        return _("Let %(name)s take one more in this round", name=name)
    if what == "time":
        return _("Ask whether %(name)s could be free at that time", name=name)
    if what == "skill":
        return _("Ask whether %(name)s can do “%(skill)s”", name=name, skill=words.skill(entry["skill"]))
    if what == "help":
        return _("Ask whether %(name)s would also help with “%(kind)s”", name=name, kind=words.help_kind(entry["help"]))
    return _("Let it begin %(time)s later", time=words.duration(amount))
