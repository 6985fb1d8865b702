"""志愿服务记录证明: only final hours, a snapshot, never a box on paper, confirmed in public without the person."""

# zh-file: names and words on a Chinese form

import io
import re
from collections.abc import Callable
from datetime import date
from urllib.parse import urlsplit

import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from pypdf import PdfReader

from tests.conftest import Clock
from tests.factories import Neighbourhood, Person, csrf_token, sign_in
from tests.volunteering.test_hours import served
from wishapp.kernel.errors import BadInput, Forbidden, Refused
from wishapp.kernel.permissions import Role
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering.certificate_paper import paper
from wishapp.volunteering.certificates import Asked, confirmed, issue_certificate, masked_number, revoke_certificate
from wishapp.volunteering.finalising import finalise_due
from wishapp.volunteering.models import Volunteer
from wishapp.volunteering.record_models import Certificate, ServiceRecord
from wishapp.web.papers import undrawable

Make = Callable[..., Person]
HOLDER = "𠮷田龘"
ADDRESS = "https://volunteers.example/certificates/"


@pytest.fixture
def staff(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("周社工", (Role.COMMUNITY_STAFF, neighbourhood.community))


@pytest.fixture
def helper(person: Make, neighbourhood: Neighbourhood) -> Person:
    return person("王乐助", lives_in=neighbourhood.community)


def final(staff: Person, helper: Person, at: Neighbourhood, clock: Clock) -> int:
    """Two hours that count, and two that are still shown; returns the volunteer's id."""
    volunteer_id = served(staff, helper, at, clock).volunteer_id
    clock.forward(days=7)
    with transaction():
        finalise_due(10, set())
    served(staff, helper, at, clock, title="还在公示的活动")
    return volunteer_id


def asked(**changes: object) -> Asked:
    return Asked(**{"since": date(2026, 1, 1), "until": date(2026, 6, 18), "holder": HOLDER, "document_kind": "identity_card",
                    "document_number": "3701**********001x", "in_charge": "李某", "handler": "周某", "contact": "0531-86000000", "notes": "入团用", **changes})


def issue(volunteer_id: int, by: Person, at: Neighbourhood, **changes: object) -> Certificate:
    with transaction():
        return issue_certificate(db.session.get(Volunteer, volunteer_id), asked(**changes), by=by.actor, issuer=places.place(at.community.id))


def test_a_snapshot_of_what_counts(context: Flask, clock: Clock, staff: Person, helper: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """Final hours only, apart; it never changes, not even when the record does; revoked once."""
    volunteer_id = final(staff, helper, neighbourhood, clock)
    made = issue(volunteer_id, staff, neighbourhood)
    assert (made.half_hours, [line[1] for line in made.content], made.document) == (4, ["网格平安巡查"], "identity_card 3701**********001X")
    with pytest.raises(AttributeError):
        made.half_hours = 400
    with pytest.raises(AttributeError):
        made.holder = "别人"
    db.session.rollback()
    with pytest.raises(Refused, match="no final hours"):
        issue(volunteer_id, staff, neighbourhood, since=date(2025, 1, 1), until=date(2025, 12, 31))
    for changes in ({"until": date(2027, 1, 1)}, {"since": date(2026, 6, 17), "until": date(2026, 6, 1)}, {"holder": " "}, {"document_number": "370102199001010019"}):
        with pytest.raises(BadInput):
            issue(volunteer_id, staff, neighbourhood, **changes)
    far = person("远处", (Role.COMMUNITY_STAFF, neighbourhood.far_community))
    with pytest.raises(Forbidden):
        issue(volunteer_id, far, neighbourhood)
    with pytest.raises(BadInput), transaction():
        revoke_certificate(made, by=staff.actor, why=" ")
    with transaction():
        revoke_certificate(made, by=staff.actor, why="姓名写错")
    with pytest.raises(Refused), transaction():
        revoke_certificate(made, by=staff.actor, why="再来")
    assert confirmed(made.number, made.check_code).revoked_at is not None


@pytest.mark.parametrize(("text", "kept"), [("3701**********001x", "3701**********001X"), ("E12＊＊＊＊56", "E12****56"), ("****", "****")])
def test_a_masked_number(text: str, kept: str) -> None:
    """Stars of either width; at most ten characters can be read."""
    assert masked_number(text) == kept


@pytest.mark.parametrize("text", ["", "370102199001010019", "3701***001X", "3701021990**010019", "37010219****0019", "***", "3701****0\x00"])
def test_a_number_that_shows_too_much(text: str) -> None:
    """Whole, nearly whole, or not masked at all."""
    with pytest.raises(BadInput):
        masked_number(text)


def test_the_paper(context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Every field can be read off the PDF, 𠮷 and 龘 among them; the QR code leads to the check page; what no font has is named, not boxed."""
    made = issue(final(staff, helper, neighbourhood, clock), staff, neighbourhood)
    address = f"{ADDRESS}{made.number}?code={made.check_code}"
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper(made, address))).pages))
    volunteer = db.session.get(Volunteer, made.volunteer_id)
    for word in ("志愿服务记录证明", made.number, HOLDER, volunteer.number, "居民身份证", "3701**********001X", "2026年1月1日至2026年6月18日", "合计2小时",
                 "签到记录2小时", "补录0小时", "网格平安巡查", "柳下社区社区党群服务中心门口", "负责人：李某", "经办人：周某", "联系电话：0531-86000000", "入团用",
                 neighbourhood.community.name, made.check_code):
        assert word in text, word
    assert "还在公示的活动" not in text
    picture = Image.open(io.BytesIO(paper(made, address, form="png")[0]))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [address]
    red = sum(count for count, colour in picture.convert("RGB").getcolors(10**7) if colour[0] > 180 and colour[1] < 80 and colour[2] < 80)
    assert red > 1000, "there is a red seal"
    assert undrawable("王𠮷䶮㛃𬭎") == [] and undrawable("王😀\U000f0000") == ["😀", "\U000f0000"]
    with db.session.no_autoflush:
        boxed = Certificate(**{name: getattr(made, name) for name in (
            "number", "check_code", "volunteer_id", "document", "since", "until", "half_hours", "content", "issuer_name", "in_charge", "handler",
            "contact", "notes", "made_at")}, holder="王\U000f0000")
        with pytest.raises(Refused) as refusal:
            paper(boxed, address)
    assert refusal.value.params == {"char": "\U000f0000", "code": "U+F0000"}


def test_a_long_record_goes_over_pages(context: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Sixty services: several pages, the head repeated, the last line there."""
    made = issue(final(staff, helper, neighbourhood, clock), staff, neighbourhood)
    with transaction():
        revoke_certificate(made, by=staff.actor, why="重开")
    assert "已作废" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper(made, ADDRESS))).pages)
    many = Certificate(**{name: getattr(made, name) for name in (
        "number", "check_code", "volunteer_id", "holder", "document", "since", "until", "half_hours", "issuer_name", "made_at")},
        in_charge="", handler="", contact="", notes="", content=[["2026-05-01", f"第{number}次巡查", "泉边", 3, "backfill"] for number in range(60)])
    pages = [re.sub(r"\s", "", page.extract_text()) for page in PdfReader(io.BytesIO(paper(many, ADDRESS))).pages]
    assert len(pages) > 1 and "第59次巡查" in "".join(pages) and all("服务内容" in page for page in pages[:2]) and f"共{len(pages)}页" in pages[0]


def test_from_asking_to_the_public_check(
        app: Flask, client: FlaskClient, clock: Clock, staff: Person, helper: Person, person: Make, neighbourhood: Neighbourhood) -> None:
    """The volunteer asks, the staff issue it, both fetch the paper, anybody confirms it without learning who it is."""
    with app.app_context():
        volunteer_id = final(staff, helper, neighbourhood, clock)
        number = db.session.get(Volunteer, volunteer_id).number
        db.session.remove()
    sign_in(client, helper)
    assert client.post("/volunteer/certificates/ask-certificate", data={"csrf_token": csrf_token(client, "/volunteer/records")}).status_code == 303
    desk = sign_in(app.test_client(), staff)
    assert f"who={number}" in desk.get("/desk/certificates").get_data(as_text=True)
    whom = desk.post("/desk/certificates/new", data={"csrf_token": csrf_token(desk, "/desk/certificates/new"), "who": helper.phone})
    page = whom.location
    assert page.endswith(number), "no telephone in an address"
    values = {"holder": HOLDER, "document_kind": "identity_card", "document_number": "3701**********001X", "since": "2026-01-01",
              "until": clock.now.date().isoformat(), "issuer_id": str(neighbourhood.community.id), "handler": "周某"}

    def send(**changes: str) -> object:
        return desk.post(page, data={"csrf_token": csrf_token(desk, page), **values, **changes})

    for wrong, said in (({"holder": "王\U000f0000"}, "U+F0000"), ({"document_number": "370102199001010019"}, "打码"), ({"since": "0001-01-01"}, "日期"),
                        ({"since": "no day"}, "2026"), ({"issuer_id": "999999"}, "出具单位")):
        answer = send(**wrong)
        assert answer.status_code == 422 and said in answer.get_data(as_text=True), wrong
    shown = send().location
    made_id = int(shown.rpartition("/")[2])
    assert HOLDER not in desk.get(shown).get_data(as_text=True), "the name stands on the paper only"
    for who, path in ((desk, f"{shown}/paper.pdf"), (client, f"/volunteer/certificates/{made_id}/paper.pdf")):
        answer = who.get(path)
        assert answer.mimetype == "application/pdf" and answer.data.startswith(b"%PDF"), path
    other = sign_in(app.test_client(), person("邻居", lives_in=neighbourhood.community))
    assert other.get(f"/volunteer/certificates/{made_id}/paper.pdf").status_code == 404 and other.get(shown).status_code == 403
    far = sign_in(app.test_client(), person("远处", (Role.COMMUNITY_STAFF, neighbourhood.far_community)))
    assert far.get(shown).status_code == far.get(f"{shown}/paper.pdf").status_code == 404

    with app.app_context():
        made = db.session.get(Certificate, made_id)
        certificate, code = made.number, made.check_code
        db.session.remove()
    stranger = app.test_client()
    right = stranger.get(f"/certificates/{certificate}?code={code.lower()}")
    text = right.get_data(as_text=True)
    assert right.status_code == 200 and "这份证明有效" in text and certificate in text and neighbourhood.community.name in text
    assert not [word for word in (HOLDER, "王某", number, "001X", "网格平安巡查", "周某") if word in text]
    wrong, unknown = (stranger.get(path) for path in (f"/certificates/{certificate}?code={'A' * 10}", f"/certificates/000000-C2026-999999?code={'A' * 10}"))
    plain = [re.sub(r"(csrf_token\" value=\"|request_key\" value=\"|nonce=\")[^\"]*|000000-C2026-\d+|[?&;](?:next|code)=[^\"]*", "", answer.get_data(as_text=True))
             for answer in (wrong, unknown)]
    assert wrong.status_code == unknown.status_code == 404 and plain[0] == plain[1], "a wrong code tells no more than an unknown number"
    found = stranger.get(f"/certificates?number={certificate}&code={code}")
    assert urlsplit(found.location).path == f"/certificates/{certificate}"
    desk.post(f"{shown}/revoke-certificate", data={"csrf_token": csrf_token(desk, shown), "why": "姓名写错了"})
    gone = stranger.get(f"/certificates/{certificate}?code={code}").get_data(as_text=True)
    assert "已失效" in gone and "姓名写错了" not in gone and "这份证明有效" not in gone


def test_at_the_desk_and_on_the_phone(visit: Callable, app: Flask, clock: Clock, staff: Person, helper: Person, neighbourhood: Neighbourhood) -> None:
    """Real pages: issue at the desk, check on a phone."""
    with app.app_context():
        volunteer_id = final(staff, helper, neighbourhood, clock)
        number = db.session.get(Volunteer, volunteer_id).number
        db.session.remove()
    desk = visit("desk")
    client = sign_in(app.test_client(), staff)
    desk.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": desk.address} for cookie in client._cookies.values()])
    desk.open("/desk/certificates").press("开具证明").fill("给谁", number).press("下一步").fill("证明上的姓名", HOLDER).press("开具", exact=True).sees("有效")
    with app.app_context():
        made = db.session.scalar(db.select(Certificate))
        certificate, code = made.number, made.check_code
        assert db.session.scalar(db.select(db.func.count()).select_from(ServiceRecord)) == 2
        db.session.remove()
    phone = visit()
    phone.open("/certificates").fill("证明编号", certificate).fill("核验码", code).press("核验").sees("这份证明有效").sees_not(HOLDER)
