"""Sending: at least once, never by two, later when it fails, bundled in a storm."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from tests.conftest import Clock
from tests.notices.conftest import ask
from tests.notices.sinks import Post
from wishapp.kernel import faults
from wishapp.notices import outbox, service
from wishapp.notices.models import Outgoing
from wishapp.store.db import db
from wishapp.store.transaction import transaction

both = pytest.mark.both_databases


def rows() -> list[tuple[str, int]]:
    """(status, attempt) of every row."""
    found = [(row.status, row.attempt) for row in db.session.query(Outgoing).order_by(Outgoing.id)]
    db.session.rollback()
    return found


def tell_staff(user_id: int, title: str) -> None:
    """Announce something the robot passes on."""
    with transaction():
        service.announce("wish", "submit", thing_id=1, people={"staff": [user_id]}, params={"title": title})


@both
def test_a_mail_arrives_once(office: Flask, reader: Callable[..., int], mails: Post) -> None:
    ask([reader("one", email="one@example.org", lang="en")])
    assert outbox.deliver_due() == {"sent": 1, "failed": 0, "postponed": 0}
    assert outbox.deliver_due() == {"sent": 0, "failed": 0, "postponed": 0}
    [(addresses, mail)] = mails.mails
    assert addresses == ["one@example.org"]
    assert mail["From"] == "wishes@example.org"
    assert mail["Message-ID"].startswith("<outbox-1@")
    assert "一辆轮椅" in mail["Subject"]
    assert "https://wishes.example.org/notices" in mail.get_content()
    assert rows() == [("sent", 1)]


@pytest.mark.parametrize("sign", ["\r", "\u2028", "\x85"])
def test_a_line_end_in_somebodys_words_stops_no_mail(office: Flask, reader: Callable[..., int], mails: Post, sign: str) -> None:
    user_id = reader("one", email="one@example.org")
    with transaction():
        service.announce("wish", "return", thing_id=1, people={"poster": [user_id]}, params={"title": f"一辆{sign}轮椅", "why": f"请{sign}写清楚"})
    ask([user_id])
    assert outbox.deliver_due() == {"sent": 2, "failed": 0, "postponed": 0}
    assert any("一辆 轮椅" in mail["Subject"] for _addresses, mail in mails.mails)


@both
def test_the_robot_gets_the_row_as_key(office: Flask, reader: Callable[..., int], robot: Post) -> None:
    tell_staff(reader("one"), "一辆轮椅")
    outbox.deliver_due()
    [(headers, body)] = robot.calls
    assert headers["Idempotency-Key"] == body["id"] == "outbox-1"
    assert body["msgtype"] == "text" and "一辆轮椅" in body["text"]["content"]


@both
def test_what_fails_is_tried_again_later_and_dies_after_eight(office: Flask, reader: Callable[..., int], mails: Post, clock: Clock) -> None:
    ask([reader("one", email="one@example.org")])
    mails.refuse = 99
    assert outbox.deliver_due()["failed"] == 1
    assert outbox.deliver_due()["failed"] == 0, "not before its time"
    assert rows() == [("waiting", 1)]
    waits = []
    for _ in range(7):
        due = db.session.query(Outgoing).one().due_at
        db.session.rollback()
        waits.append(due - clock.now)
        clock.set(due)
        assert outbox.deliver_due()["failed"] == 1
    assert waits == [timedelta(seconds=60) * 2**n for n in range(7)]
    assert rows() == [("dead", 8)]
    clock.forward(days=30)
    assert outbox.deliver_due() == {"sent": 0, "failed": 0, "postponed": 0}
    assert mails.mails == []


def test_after_a_failure_it_arrives(office: Flask, reader: Callable[..., int], robot: Post, clock: Clock) -> None:
    tell_staff(reader("one"), "x")
    robot.refuse = 1
    outbox.deliver_due()
    clock.forward(minutes=1)
    outbox.deliver_due()
    assert len(robot.calls) == 1
    assert rows() == [("sent", 2)]


def test_a_robot_that_answers_with_an_error_code_has_not_taken_it(office: Flask, reader: Callable[..., int], robot: Post) -> None:
    tell_staff(reader("one"), "x")
    robot.answer = b'{"errcode": 93000, "errmsg": "no such robot"}'
    assert outbox.deliver_due()["failed"] == 1


def test_nobody_listening_is_a_failure_not_a_crash(make_app: Callable[..., Flask], office: Flask, reader: Callable[..., int]) -> None:
    office.config["MAIL_URL"] = "smtp://127.0.0.1:9/"
    ask([reader("one", email="one@example.org")])
    assert outbox.deliver_due()["failed"] == 1


@both
def test_two_senders_share_the_work(office: Flask, reader: Callable[..., int], mails: Post) -> None:
    for number in range(8):
        ask([reader(f"person{number}", email=f"p{number}@example.org")], proposal_id=number)
    start = threading.Barrier(3)

    def send() -> None:
        with office.app_context():
            start.wait()
            outbox.deliver_due(4)
            outbox.deliver_due(4)
            db.session.remove()

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outbox.deliver_due()
    assert sorted(address for addresses, _ in mails.mails for address in addresses) == [f"p{number}@example.org" for number in range(8)]
    assert rows() == [("sent", 1)] * 8


@both
def test_a_sender_that_dies_is_replaced_and_the_dead_one_cannot_finish(
    office: Flask, reader: Callable[..., int], mails: Post, clock: Clock,
) -> None:
    ask([reader("one", email="one@example.org")])
    [lost] = outbox.claim(10)
    assert outbox.claim(10) == [], "nobody else while the lease runs"
    clock.forward(minutes=3)
    [held] = outbox.claim(10)
    assert (lost.attempt, held.attempt) == (1, 2)
    assert outbox._send([lost]) is False, "the older attempt no longer holds it"
    assert mails.mails == []
    assert outbox._send([held]) is True
    assert rows() == [("sent", 2)]


def test_control_without_fencing_the_dead_one_sends_too(
    office: Flask, reader: Callable[..., int], mails: Post, clock: Clock, monkeypatch: pytest.MonkeyPatch,
) -> None:
    ask([reader("one", email="one@example.org")])
    [lost] = outbox.claim(10)
    clock.forward(minutes=3)
    [held] = outbox.claim(10)
    monkeypatch.setattr(outbox, "_mine", lambda row: (Outgoing.id == row.id,))
    outbox._send([lost])
    outbox._send([held])
    assert len(mails.mails) == 2


def test_killed_after_sending_it_goes_again_with_the_same_key(
    office: Flask, reader: Callable[..., int], mails: Post, clock: Clock,
) -> None:
    ask([reader("one", email="one@example.org")])
    faults.arm(True, "outbox.after_send=raise")
    with pytest.raises(faults.FaultInjected):
        outbox.deliver_due()
    faults.arm(True)
    clock.forward(minutes=3)
    outbox.deliver_due()
    assert [mail["Message-ID"] for _, mail in mails.mails] == ["<outbox-1@example.org>"] * 2


@both
def test_a_storm_becomes_one_message(office: Flask, reader: Callable[..., int], mails: Post, clock: Clock) -> None:
    one = reader("one", email="one@example.org")
    for number in range(15):
        ask([one], title=f"第{number}件", proposal_id=number)
    assert outbox.deliver_due()["sent"] == 15
    [(_, mail)] = mails.mails
    assert all(f"第{number}件" in mail.get_content() for number in range(15))
    ask([one], title="又一件", proposal_id=99)
    assert outbox.deliver_due() == {"sent": 0, "failed": 0, "postponed": 1}
    clock.forward(minutes=6)
    assert outbox.deliver_due()["sent"] == 1
    assert "又一件" in mails.mails[1][1].get_content()


def test_ten_are_no_storm(office: Flask, reader: Callable[..., int], mails: Post) -> None:
    one = reader("one", email="one@example.org")
    for number in range(10):
        ask([one], proposal_id=number, title=str(number))
    outbox.deliver_due()
    assert len(mails.mails) == 10


def test_somebody_disabled_meanwhile_gets_nothing(office: Flask, reader: Callable[..., int], mails: Post) -> None:
    one = reader("one", email="one@example.org")
    ask([one])
    with transaction():
        db.session.execute(update(service.User).where(service.User.id == one).values(is_enabled=False))
    outbox.deliver_due()
    assert mails.mails == []
    assert rows() == [("sent", 1)]


def test_line_breaks_cannot_smuggle_headers(office: Flask, reader: Callable[..., int], mails: Post) -> None:
    ask([reader("one", email="one@example.org")], title="轮椅\r\nBcc: everybody@example.org")
    outbox.deliver_due()
    [(addresses, mail)] = mails.mails
    assert addresses == ["one@example.org"]
    assert mail["Bcc"] is None


def test_no_words_and_no_addresses_in_the_log(
    office: Flask, reader: Callable[..., int], mails: Post, capsys: pytest.CaptureFixture, caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    ask([reader("one", email="one@example.org")], title="秘密的心愿")
    mails.refuse = 1
    outbox.deliver_due()
    office.config["MAIL_URL"] = "console:"
    outbox.deliver_due()
    written = caplog.text + "".join(capsys.readouterr())
    assert "message_not_sent" in written
    assert "one@example.org" not in written and "秘密" not in written
