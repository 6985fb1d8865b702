"""The page of a job: whose it is, what it shows, how it is stopped."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import Person, csrf_token, make_neighbourhood, make_person, sign_in
from tests.jobs import samples  # noqa: F401 - registers the sample kinds
from wishapp.jobs import queries, service
from wishapp.jobs import run as jobs
from wishapp.kernel.permissions import Role
from wishapp.store.transaction import transaction


@pytest.fixture
def staff(app: Flask) -> Person:
    """A community worker; a colleague of another community is made too, as `stranger`."""
    places = make_neighbourhood(app)
    made = make_person(app, "王测试", (Role.COMMUNITY_STAFF, places.community))
    app.extensions["test_stranger"] = make_person(app, "李测试", (Role.COMMUNITY_STAFF, places.far_community))
    app.extensions["test_upper"] = make_person(app, "赵测试", (Role.STREET_STAFF, places.street))
    app.extensions["test_path"] = places.community.path
    return made


def enqueue(app: Flask, by: Person, kind: str = "sample_once") -> int:
    with app.app_context():
        with transaction():
            made = service.enqueue(kind, {}, by=by.actor, place_path=app.extensions["test_path"])
        return made.id


def test_only_those_concerned_see_it(client: FlaskClient, app: Flask, staff: Person) -> None:
    job_id = enqueue(app, staff)
    assert client.get(f"/jobs/{job_id}").status_code == 303
    for person, expected in ((staff, 200), (app.extensions["test_upper"], 200), (app.extensions["test_stranger"], 404)):
        visitor = sign_in(app.test_client(), person)
        assert visitor.get(f"/jobs/{job_id}").status_code == expected
        assert visitor.get(f"/jobs/{job_id}/status").status_code == expected
        assert visitor.get("/jobs/999999").status_code == 404
        if expected == 404:
            assert visitor.post(f"/jobs/{job_id}/cancel", data={"csrf_token": csrf_token(visitor, "/today")}).status_code == 404


def test_it_shows_how_far_it_is(client: FlaskClient, app: Flask, staff: Person) -> None:
    job_id = enqueue(app, staff)
    sign_in(client, staff)
    page = client.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert 'http-equiv="refresh"' in page, "without JavaScript the page loads itself again"
    assert client.get(f"/jobs/{job_id}/status").json["status"] == "waiting"
    with app.app_context():
        jobs.run_job(job_id)
    page = client.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert 'http-equiv="refresh"' not in page
    status = client.get(f"/jobs/{job_id}/status").json
    assert (status["status"], status["progress"], status["attempt"]) == ("done", 1.0, 1)


def test_stopping_it(client: FlaskClient, app: Flask, staff: Person) -> None:
    job_id = enqueue(app, staff)
    sign_in(client, staff)
    token = csrf_token(client, f"/jobs/{job_id}")
    assert client.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token}).status_code == 303
    with app.app_context():
        jobs.run_job(job_id)
        assert queries.job(job_id).status == "cancelled"
    assert client.post(f"/jobs/{job_id}/cancel", data={"csrf_token": token}).status_code == 409


def test_what_went_wrong_is_not_told_in_detail(client: FlaskClient, app: Flask, staff: Person) -> None:
    job_id = enqueue(app, staff, "sample_refused")
    with app.app_context():
        jobs.run_job(job_id)
    sign_in(client, staff)
    page = client.get(f"/jobs/{job_id}").get_data(as_text=True)
    assert "secret" not in page
    assert str(job_id) in page
