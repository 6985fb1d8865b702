"""Pages as a phone without JavaScript sees them: posting, the three views of a wish, contact, photos, repeated sends."""

import io
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image

from tests.factories import csrf_token, sign_in
from tests.wishes.scene import SECRET_ADDRESS, SECRET_NAME, Scene
from wishapp.store.db import db
from wishapp.wishes.models import Claim, RestrictedRead, Wish, WishPhoto

SECRETS = (SECRET_NAME, "13800001234", "138 0000 1234", "泉水东区", "disabled")


def photo() -> tuple[io.BytesIO, str]:
    """A JPEG as a phone sends it."""
    data = io.BytesIO()
    Image.new("RGB", (80, 60), "orange").save(data, "JPEG", exif=Image.Exif())
    data.seek(0)
    return data, "IMG_0001.jpg"


def fields(page: str, action: str = "") -> dict[str, str]:
    """Hidden fields of the form that posts to `action` (of the first form with a request key when not said)."""
    forms = re.findall(r"<form[^>]*method=\"post\"[^>]*>.*?</form>", page, re.DOTALL)
    wanted = next(form for form in forms if (f'action="{action}"' in form if action else "request_key" in form and "/preferences" not in form))
    found = {}
    for tag in re.findall(r'<input[^>]*type="hidden"[^>]*>', wanted):
        found[re.search(r'name="([^"]+)"', tag)[1]] = (re.search(r'value="([^"]*)"', tag) or ["", ""])[1]
    return found


def send(client: FlaskClient, path: str, values: dict, *, at: str = "", action: str = "") -> str:
    """Open the page at `at` (or `path`), fill its form and send it to `path`; the address it leads to, or the page itself on 422."""
    hidden = fields(client.get(at or path).get_data(as_text=True), action)
    answer = client.post(path, data=hidden | values, content_type="multipart/form-data")
    assert answer.status_code in (303, 422), answer.get_data(as_text=True)[:2000]
    return answer.location if answer.status_code == 303 else answer.get_data(as_text=True)


def posted(stage: Scene, client: FlaskClient) -> int:
    """Post a wish through all four steps."""
    sign_in(client, stage.resident)
    words = send(client, "/wishes/new", {"kind": "goods"})
    when = send(client, words, {
        "title": "一辆轮椅，\n推老伴出门", "story": "半年没晒过太阳了。", "item": "轮椅", "quantity": "1", "cost": "480", "photo": photo()})
    whom = send(client, when, {"urgency": "now"})
    wish_id = int(re.search(r"/wishes/(\d+)/", whom)[1])
    shown = send(client, f"/wishes/{wish_id}/submit", {
        "step": "whom", "beneficiary_name": SECRET_NAME, "age_band": "eighties", "group": "disabled", "beneficiary_phone": "138 0000 1234",
        "address": SECRET_ADDRESS, "grid_id": "0", "consent": "y"}, at=whom, action=f"/wishes/{wish_id}/submit")
    assert shown == f"/wishes/{wish_id}"
    return wish_id


def test_posting_in_four_steps(stage: Scene, client: FlaskClient) -> None:
    """Each step is a plain form; at the end a wish with number, photo and sealed data lies in review."""
    wish_id = posted(stage, client)
    with stage.app.app_context():
        wish = db.session.get(Wish, wish_id)
        assert (wish.state, wish.title, wish.masked_name, wish.cost) == ("submitted", "一辆轮椅， 推老伴出门", "王某", 480)
        assert (wish.beneficiary_phone, wish.address, wish.consent_how) == ("+8613800001234", SECRET_ADDRESS, "self") and wish.consent_at
        assert [row.purpose for row in wish.photos] == ["story"]


def test_mistakes_stand_by_their_fields(stage: Scene, client: FlaskClient) -> None:
    """Nothing typed is lost, each fault says what helps, also in Chinese, and nothing is saved."""
    sign_in(client, stage.resident)
    words = send(client, "/wishes/new", {"kind": "repair"})
    page = send(client, words, {"title": "灯坏了打13800001234", "story": "三单元501"})
    assert 'id="title-err"' in page and "灯坏了打13800001234" in page and "里面有电话号码" in page and 'id="story-err"' in page
    assert 'href="#title"' in page
    send(client, words, {"title": "楼道灯坏了"})
    wish_id = int(re.search(r"/wishes/(\d+)/", words)[1])
    page = send(client, f"/wishes/{wish_id}/submit", {"step": "whom", "beneficiary_name": "", "age_band": "child", "beneficiary_phone": "1380000"},
                at=f"/wishes/{wish_id}/draft/whom", action=f"/wishes/{wish_id}/submit")
    for name in ("beneficiary_name", "beneficiary_phone", "consent", "guardian_consent"):
        assert f'id="{name}-err"' in page
    with stage.app.app_context():
        assert db.session.get(Wish, wish_id).state == "draft"


def test_putting_aside(stage: Scene, client: FlaskClient) -> None:
    """A half-written wish is kept as it is, found under my wishes, and can be thrown away; a stranger cannot open it."""
    sign_in(client, stage.resident)
    words = send(client, "/wishes/new", {"kind": "service"})
    assert send(client, words, {"title": "想请人", "later": "1"}) == "/wishes/mine"
    wish_id = int(re.search(r"/wishes/(\d+)/", words)[1])
    assert "想请人" in client.get("/wishes/mine").get_data(as_text=True)
    stranger = sign_in(stage.app.test_client(), stage.staff)
    assert stranger.get(words).status_code == stranger.get(f"/wishes/{wish_id}").status_code == 404
    assert send(client, f"/wishes/{wish_id}/delete", {}, at="/wishes/mine", action=f"/wishes/{wish_id}/delete") == "/wishes/mine"
    assert client.get(words).status_code == 404


def test_elder_steps(stage: Scene, client: FlaskClient) -> None:
    """In the large-print mode the same wish takes six screens with one thing each."""
    client.set_cookie("elder", "1")
    sign_in(client, stage.resident)
    words = send(client, "/wishes/new", {"kind": "service"})
    when = send(client, words, {"title": "上门理一次发"})
    name = send(client, when, {"urgency": "week"})
    reach = send(client, name, {"beneficiary_name": "张居民", "age_band": "seventies"})
    last = send(client, reach, {"beneficiary_phone": "13800001234"})
    wish_id = int(re.search(r"/wishes/(\d+)/", last)[1])
    assert last.endswith("/send")
    assert send(client, f"/wishes/{wish_id}/submit", {"step": "send", "consent": "y"}, at=last, action=f"/wishes/{wish_id}/submit") == f"/wishes/{wish_id}"


def test_grid_worker_posts_for_somebody(stage: Scene, client: FlaskClient) -> None:
    """On behalf: how the person agreed is asked for and kept; the wish lies in the grid worker's own community."""
    sign_in(client, stage.grid)
    words = send(client, "/desk/wishes/new", {"kind": "medical"})
    whom = send(client, send(client, words, {"title": "量量血压"}), {"urgency": "week"})
    wish_id = int(re.search(r"/wishes/(\d+)/", whom)[1])
    values = {"step": "whom", "beneficiary_name": "孙奶奶", "age_band": "eighties", "beneficiary_phone": "053188880000",
              "grid_id": str(stage.at.grid.id), "consent": "y"}
    page = send(client, f"/wishes/{wish_id}/submit", values, at=whom, action=f"/wishes/{wish_id}/submit")
    assert 'id="consent-err"' in page
    send(client, f"/wishes/{wish_id}/submit", values | {"consent_how": "in_person"}, at=whom, action=f"/wishes/{wish_id}/submit")
    with stage.app.app_context():
        wish = db.session.get(Wish, wish_id)
        assert (wish.is_on_behalf, wish.consent_how, wish.place_path, wish.beneficiary_id) == (True, "in_person", stage.at.grid.path, None)


@pytest.mark.parametrize("state", ["submitted", "open", "in_progress", "delivered", "fulfilled"])
def test_three_views(stage: Scene, state: str) -> None:
    """Nobody's page holds name, telephone, door or group of the person: only the answer to "show" does, to those who may."""
    with stage.app.app_context():
        wish = stage.submit() if state == "submitted" else stage.open_wish()
        if state in ("in_progress", "delivered", "fulfilled"):
            claim = stage.claim(wish)
        if state in ("delivered", "fulfilled"):
            stage.deliver(claim)
        wish_id = wish.id
    for who in (None, "neighbour", "contact", "member", "staff", "street", "grid", "far_staff"):
        reader = stage.app.test_client() if who is None else sign_in(stage.app.test_client(), getattr(stage, who))
        answer = reader.get(f"/wishes/{wish_id}")
        page = answer.get_data(as_text=True)
        assert answer.status_code == (404 if state == "submitted" and who not in ("staff", "street", "grid") else 200), who
        assert not [secret for secret in SECRETS if secret in page], who
    own = sign_in(stage.app.test_client(), stage.resident).get(f"/wishes/{wish_id}").get_data(as_text=True)
    assert not [secret for secret in SECRETS if secret in own]


def test_contact_after_accepting(stage: Scene, client: FlaskClient) -> None:
    """The helper opens telephone and address by a press; it is logged, kept out of every address, and gone on the next look."""
    with stage.app.app_context():
        wish_id = stage.open_wish().id
    sign_in(client, stage.contact)
    token = csrf_token(client, f"/wishes/{wish_id}")
    path = f"/wishes/{wish_id}/read-restricted"
    assert client.post(path, data={"csrf_token": token, "purpose": "help"}).status_code == 404
    assert send(client, f"/wishes/{wish_id}/claim", {"supporter_id": str(stage.unit_id)}, at=f"/wishes/{wish_id}", action=f"/wishes/{wish_id}/claim")
    shown = client.post(path, data={"csrf_token": token, "purpose": "help"})
    page = shown.get_data(as_text=True)
    assert shown.status_code == 200 and "138 0000 1234" in page and SECRET_ADDRESS in page and shown.headers["Cache-Control"] == "no-store"
    assert "138 0000 1234" not in client.get(f"/wishes/{wish_id}").get_data(as_text=True)
    for purpose in ("", "curiosity"):
        assert client.post(path, data={"csrf_token": token, "purpose": purpose}).status_code == 422
    with stage.app.app_context():
        assert [(row.reader_id, row.purpose) for row in db.session.query(RestrictedRead)] == [(stage.contact.id, "help")]
    poster = sign_in(stage.app.test_client(), stage.resident)
    assert "王某" in poster.get(f"/wishes/{wish_id}/reads").get_data(as_text=True)
    assert client.get(f"/wishes/{wish_id}/reads").status_code == 404


def test_proof_photos(stage: Scene, client: FlaskClient) -> None:
    """Delivered with a photo: re-encoded, seen by poster, helper and staff, not by the public or staff elsewhere."""
    with stage.app.app_context():
        claim = stage.claim(stage.open_wish())
        wish_id, path = claim.wish_id, f"/wishes/claims/{claim.id}/deliver"
    sign_in(client, stage.contact)
    assert "422" not in send(client, path, {"words": "送到了", "photos": photo()})
    with stage.app.app_context():
        proof = db.session.query(WishPhoto).one()
        address = f"/wishes/{wish_id}/photos/{proof.id}"
    for who, status in ((None, 404), ("neighbour", 404), ("member", 404), ("far_staff", 404), ("resident", 200), ("contact", 200), ("grid", 200)):
        reader = stage.app.test_client() if who is None else sign_in(stage.app.test_client(), getattr(stage, who))
        answer = reader.get(address)
        assert (answer.status_code, who) == (status, who)
        if status == 200:
            assert answer.data.startswith(b"\xff\xd8") and "private" in answer.headers["Cache-Control"]
        answer.close()
    assert client.get(f"/wishes/{wish_id + 1}/photos/{proof.id}").status_code == 404


@pytest.mark.parametrize("sent", [(b"<svg onload=alert(1)>", "x.jpg"), (b"GIF89a" + bytes(20), "x.gif"), (b"", "empty.jpg")])
def test_no_other_files(stage: Scene, client: FlaskClient, sent: tuple[bytes, str]) -> None:
    """What is no photo is refused by its field, and the wish stays as it was."""
    with stage.app.app_context():
        path = f"/wishes/claims/{stage.claim(stage.open_wish()).id}/deliver"
    sign_in(client, stage.contact)
    page = send(client, path, {"words": "送到了", "photos": (io.BytesIO(sent[0]), sent[1])})
    assert 'id="photos-err"' in page
    with stage.app.app_context():
        assert db.session.query(Claim).one().state == "accepted"


def test_sent_twice_is_done_once(stage: Scene, client: FlaskClient) -> None:
    """The same send again leads to the same page and changes nothing; other words under the same key are refused."""
    with stage.app.app_context():
        wish, claim = stage.delivered()
        wish_id = wish.id
    sign_in(client, stage.resident)
    path = f"/wishes/{wish_id}/confirm"
    hidden = fields(client.get(f"/wishes/{wish_id}").get_data(as_text=True), path)
    values = hidden | {"stars": "5", "words": "谢谢"}
    first, second = client.post(path, data=values), client.post(path, data=values)
    assert first.status_code == second.status_code == 303 and first.location == second.location
    assert client.post(path, data=values | {"stars": "1"}).status_code == 422
    with stage.app.app_context():
        wish = db.session.get(Wish, wish_id)
        assert (wish.state, wish.rating) == ("fulfilled", 5)


def test_staff_press_through_the_queue(stage: Scene, client: FlaskClient) -> None:
    """Bulk: what can go goes, what cannot says why; another community's wishes are out of reach, ticked or not."""
    with stage.app.app_context():
        ids = [stage.submit(title=f"想要第{word}样东西").id for word in "一二三"]
        own = stage.submit(by=stage.staff, title="社工自己的心愿").id
        far = stage.submit(title="远处的心愿", community_id=stage.at.far_community.id, grid_id=None).id
    sign_in(client, stage.staff)
    assert "远处的心愿" not in client.get("/desk/wishes").get_data(as_text=True)
    assert client.get(f"/desk/wishes/{far}/edit").status_code == 404
    hidden = fields(client.get("/desk/wishes").get_data(as_text=True), "/desk/wishes/publish-all")
    answer = client.post("/desk/wishes/publish-all", data=hidden | {"ids": [*map(str, ids), str(own), str(far), "x", "99999999999"]}, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "社工自己的心愿" in page and "请同事来审" in page
    with stage.app.app_context():
        assert [db.session.get(Wish, wish_id).state for wish_id in [*ids, own, far]] == ["open"] * 3 + ["submitted"] * 2


def test_edit_that_came_too_late(stage: Scene, client: FlaskClient) -> None:
    """Two colleagues change the same wish: the second one is told, nothing is overwritten."""
    with stage.app.app_context():
        wish_id = stage.submit().id
    path = f"/desk/wishes/{wish_id}/edit"
    sign_in(client, stage.staff)
    other = sign_in(stage.app.test_client(), stage.colleague)
    values = {"title": "一辆轮椅", "story": "", "kind": "goods", "urgency": "now", "group": "disabled", "item": "", "quantity": "1", "cost": "0",
              "minutes": "60", "seats": "1", "skill": ""}
    mine, theirs = (fields(reader.get(path).get_data(as_text=True)) for reader in (client, other))
    assert other.post(path, data=theirs | values | {"title": "一辆折叠轮椅"}).status_code == 303
    assert client.post(path, data=mine | values).status_code == 409
    with stage.app.app_context():
        assert db.session.get(Wish, wish_id).title == "一辆折叠轮椅"
