"""Reasons people type are read by others: numbers of telephones and papers do not pass, wherever a reason is asked for."""

from collections.abc import Callable

import pytest

from tests.factories import csrf_token, sign_in
from tests.matching.office import Office, Proposal
from wishapp.kernel.errors import BadInput
from wishapp.kernel.privacy import check_reason
from wishapp.matching import service as matching
from wishapp.store.db import db
from wishapp.store.transaction import transaction

NUMBERS = ["打 13800001234 找我", "打１３８００００１２３４", "身份证 370102199001011234", "加微信号 abc12345", "座机 0531-86543210"]

VERBS: dict[str, Callable] = {
    "decline": lambda row, office, why: matching.decline_offer(row, by=office.contact.actor, why=why),
    "withdraw": lambda row, office, why: matching.withdraw_offer(row, by=office.staff.actor, why=why),
    "dismiss": lambda row, office, why: matching.dismiss_proposal(row, by=office.staff.actor, why=why),
    "dismiss_many": lambda row, office, why: matching.dismiss_many([row], by=office.staff.actor, why=why),
    "forbid": lambda row, office, why: matching.forbid_pair(row, by=office.staff.actor, why=why),
}


@pytest.mark.parametrize("text", NUMBERS)
def test_what_belongs_to_somebody_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        check_reason(text)


@pytest.mark.parametrize("text", ["", None, "今年 3 件都做完了", "8 号楼太远，走不过去", "2026-06-10 没空", "要等 1500 元的预算"])
def test_ordinary_reasons_pass(text: str | None) -> None:
    check_reason(text)


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_keeps_a_number(office: Office, verb: str) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    if verb not in ("decline", "withdraw"):
        with office.app.app_context(), transaction():
            matching.recall_proposal(db.session.get(Proposal, proposal_id), by=office.staff.actor)
    before = office.state(Proposal, proposal_id)
    with pytest.raises(BadInput), office.app.app_context(), transaction():
        VERBS[verb](db.session.get(Proposal, proposal_id), office, NUMBERS[0])
    assert office.look(Proposal, proposal_id, "state", "why") == (before, "")
    with office.app.app_context(), transaction():
        VERBS[verb](db.session.get(Proposal, proposal_id), office, "太远了")
    assert office.state(Proposal, proposal_id) != before


def test_the_form_says_it_beside_the_field(office: Office, client: object) -> None:
    _wish_id, proposal_id, _ids = office.offered()
    sign_in(client, office.contact)
    answer = client.post(f"/offers/{proposal_id}/decline", data={"csrf_token": csrf_token(client, f"/offers/{proposal_id}"), "reason": "other", "words": "打 13800001234 找我"})
    assert answer.status_code == 422 and "13800001234" in answer.get_data(as_text=True)
    assert office.state(Proposal, proposal_id) == "offered"
