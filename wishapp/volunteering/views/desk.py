"""Organisers' list of calls, and the page of one call for whoever runs it."""

from typing import Any

from flask import render_template, request, url_for

from wishapp.accounts import queries as accounts
from wishapp.kernel import clock
from wishapp.store import audit
from wishapp.volunteering import call_stories, desk, words
from wishapp.volunteering.access import access_call, may_with_call
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.calls import is_reviewed_twice
from wishapp.volunteering.making_forms import WhyForm
from wishapp.volunteering.models import Call
from wishapp.volunteering.reviews import is_upper
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import PressForm
from wishapp.web.guards import guard


def filters() -> desk.DeskFilters:
    """What the address asks for. Without a tab: what waits for review for staff, what people are looked for otherwise."""
    return desk.DeskFilters(tab=arguments.choice("tab", desk.Tab) or desk.Tab.OPEN, community_id=arguments.number("community"),
                            q=arguments.text("q", most=60), is_mine=arguments.number("mine", 0, high=1) == 1)


def link(**changes: Any) -> str:
    """This list with some filters changed; another filter begins at page 1."""
    kept = {name: value for name, value in arguments.kept().items() if name in ("tab", "community", "q", "mine", "page")}
    if "page" not in changes:
        kept.pop("page", None)
    return url_for("volunteering.desk", **{name: value for name, value in {**kept, **changes}.items() if value not in (None, "")})


@blueprint.get("/desk/calls", endpoint="desk")
@guard("calls.lead", scope="place")
def calls_desk() -> str:
    """Calls by tab, with how their seats stand."""
    actor, asked = current_actor(), filters()
    tabs = desk.tab_counts(actor)
    if "tab" not in request.args and not tabs[desk.Tab.OPEN] and tabs[desk.Tab.REVIEW] and actor.may("calls.review"):
        asked = desk.DeskFilters(desk.Tab.REVIEW, asked.community_id, asked.q, asked.is_mine)
    communities = [(place.id, place.name) for place in desk.communities(actor)]
    return render_template("volunteering/desk.html", found=desk.page(actor, asked, arguments.page()), asked=asked, tabs=tabs, words=words, link=link,
                           communities=communities, may_make=actor.may("calls.make"), may_review=actor.may("calls.review"), kept=arguments.kept(), form=PressForm())


@blueprint.get("/desk/calls/<int:call_id>", endpoint="manage")
@guard("calls.lead", scope="place")
def manage(call_id: int) -> Any:
    """Everything about one call for whoever runs it."""
    return show_call(access_call(current_actor(), call_id, "calls.lead"))


def show_call(call: Call, why_form: WhyForm | None = None, status: int = 200) -> Any:
    """The page of a call; `why_form`: a reason that was refused."""
    actor = current_actor()
    twice = is_reviewed_twice(call)
    may_review = may_with_call(actor, call, "calls.review")
    first = next((row.actor_id for row in audit.history("call", call.id) if row.action == "second"), None) if call.state == "seconded" else None
    may_publish = may_review and ((call.state == "submitted" and not twice) or (call.state == "seconded" and is_upper(actor, call) and first != actor.id))
    page = render_template(
        "volunteering/manage.html", call=call, words=words, standing=desk.standings([call.id]).get(call.id, desk.Standing()), now=clock.now(),
        waiting=desk.waiting_in([shift.id for shift in call.shifts]), story=call_stories.timeline(call, actor), twice=twice,
        may_make=may_with_call(actor, call, "calls.make"), may_review=may_review, may_publish=may_publish, may_second=may_review and twice and call.state == "submitted",
        poster_name=accounts.display_names([call.posted_by_id]).get(call.posted_by_id, "–"), why_form=why_form or WhyForm(formdata=None), form=PressForm(formdata=None))
    return page, status
