"""The wall screen: figures of one's own places, words only where they may be shown, everything on one screen."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import PASSWORD, sign_in
from tests.wishes.counting import statements
from tests.wishes.scene import SECRET_ADDRESS, SECRET_NAME, Scene, make_scene
from wishapp.dashboards import screen
from wishapp.dashboards.queries import PlaceFigures


@pytest.fixture
def stage(app: Flask) -> Scene:
    scene = make_scene(app)
    with app.app_context():
        scene.fulfilled()
        scene.open_wish(title="一盏写作业的台灯")
    return scene


def test_words_and_titles_but_no_names(client: FlaskClient, stage: Scene) -> None:
    page = sign_in(client, stage.street).get("/figures/screen").get_data(as_text=True)
    assert "谢谢" in page and "一盏写作业的台灯" in page
    for secret in (SECRET_NAME, SECRET_ADDRESS, "13800001234", "王某"):
        assert secret not in page


def test_only_ones_own_places(app: Flask, stage: Scene) -> None:
    page = sign_in(app.test_client(), stage.far_staff).get("/figures/screen").get_data(as_text=True)
    assert "一盏写作业的台灯" not in page and "谢谢" not in page
    assert sign_in(app.test_client(), stage.resident).get("/figures/screen").status_code == 403


def test_few_statements(app: Flask, stage: Scene) -> None:
    client = sign_in(app.test_client(), stage.street)
    client.get("/figures/screen")
    with statements(app) as seen:
        client.get("/figures/screen")
    assert len([text for text in seen if text.startswith("SELECT")]) <= 12


def test_fits_a_wall(visit, stage: Scene) -> None:
    leader = visit("wall")
    leader.open("/sign-in")
    leader.page.locator("[name=username]").fill(stage.street.username)
    leader.page.locator("[name=password]").fill(PASSWORD)
    leader.page.locator("main form button.btn").first.click()
    leader.page.wait_for_load_state()
    leader.open("/figures/screen")
    assert leader.page.evaluate("document.documentElement.scrollHeight") <= 1080


def test_many_communities_become_streets() -> None:
    rows = [PlaceFigures(at, f"c{at}", f"s{at % 3}", waiting=at, under_way=1, done=1, long_waiting=0, oldest_days=at) for at in range(30)]
    cells = screen.cells(rows)
    assert [row.name for row in cells] == ["s2", "s1", "s0"]
    assert sum(row.made for row in cells) == sum(row.made for row in rows)
    assert screen.cells(rows[:24]) == rows[:24]
