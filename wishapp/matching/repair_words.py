"""Repairs in words: what happened, and what was changed because of it."""

from dataclasses import dataclass, field
from datetime import datetime

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.matching.models import Repair


@dataclass(frozen=True)
class Said:
    """One repair as it is told: `head` what happened; `parts` [(sentence, address or "")] what came of it; `tone` wait when somebody
    should look, else plain; `milliseconds` of work."""

    at: datetime
    head: str
    parts: list[tuple[str, str]] = field(default_factory=list)
    tone: str = ""
    milliseconds: int | None = None


def said(repair: Repair, paths: list[str]) -> Said | None:
    """As somebody sees it who may look into these subtrees; None when nothing of it lies there."""
    changes = repair.changes
    added, dropped, nobody = ([entry for entry in changes.get(part, ()) if any(entry["path"].startswith(path) for path in paths)]
                              for part in ("added", "dropped", "nobody"))
    is_whole = any(repair.run.place_path.startswith(path) for path in paths)
    if not (added or dropped or nobody) and not (is_whole and repair.done_at):
        return None
    parts = [(_part(entry, changes.get("title", "")), url_for("matching.proposal", proposal_id=entry["id"])) for entry in added if not entry.get("other")]
    parts += [(_("Nobody can take “%(title)s” just now.", title=entry["title"]), "") for entry in nobody]
    others = [entry for entry in added if entry.get("other")]
    if others:
        parts.append((ngettext("%(num)d other moved along:", "%(num)d others moved along:", len(others)), ""))
        parts += [(_("“%(title)s” to %(who)s", title=entry["title"], who=entry["who"]), url_for("matching.proposal", proposal_id=entry["id"]))
                  for entry in others]
    if changes.get("failed"):
        parts.append((_("This could not be worked out. Please look for somebody by hand."), ""))
    elif repair.status == "waiting":
        parts.append((_("Being looked at …"), ""))
    elif not parts:
        parts.append((_("Nothing else had to change.") if dropped or repair.event in ("cancelled", "paused") else _("Nothing had to change."), ""))
    return Said(repair.at, _head(repair), parts, "wait" if nobody or changes.get("failed") else "", repair.milliseconds)


def _head(repair: Repair) -> str:
    title = repair.changes.get("title") or "…"
    return {
        "declined": _("A no to “%(title)s”", title=title),
        "lapsed": _("No answer about “%(title)s”", title=title),
        "withdrawn": _("“%(title)s” came back", title=title),
        "paused": _("%(name)s is taking a break", name=title),
        "posted": _("New and urgent: “%(title)s”", title=title),
        "cancelled": _("“%(title)s” needs nobody any more", title=title),
    }[repair.event]


def _part(entry: dict, title: str) -> str:
    if entry["title"] == title:  # said already
        return _("now asking %(who)s", who=entry["who"]) if entry["how"] == "asked" else _("%(who)s is proposed, please look", who=entry["who"])
    if entry["how"] == "asked":
        return _("%(who)s is being asked for “%(title)s”.", who=entry["who"], title=entry["title"])
    return _("%(who)s is proposed for “%(title)s”; please look.", who=entry["who"], title=entry["title"])
