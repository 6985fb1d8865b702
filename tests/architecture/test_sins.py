"""Each house rule is shown a sin and must catch it; and a decent tree, and must keep quiet."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from tests.architecture import import_rules, route_rules, template_rules, writing_rules

DECENT = {
    "wishapp/__init__.py": '"""The site."""\n\n\ndef create_app():\n    from wishapp import wiring\n    return wiring\n',
    "wishapp/wiring.py": "from wishapp.wishes import views\n",
    "wishapp/solver/__init__.py": "import numpy\n",
    "wishapp/kernel/__init__.py": "",
    "wishapp/kernel/errors.py": "class Refused(Exception):\n    pass\n",
    "wishapp/store/__init__.py": "",
    "wishapp/store/db.py": "import sqlalchemy\n",
    "wishapp/store/transaction.py": "def transaction(session):\n    session.commit()\n",
    "wishapp/web/__init__.py": "import flask\n",
    "wishapp/places/__init__.py": "",
    "wishapp/places/models.py": "from wishapp.store.db import db\n",
    "wishapp/places/views.py": "import flask\n",
    "wishapp/issues/__init__.py": "",
    "wishapp/issues/service.py": "",
    "wishapp/wishes/__init__.py": '"""心愿: a docstring may speak Chinese."""\n',
    "wishapp/wishes/models.py": "from wishapp.places import models\n",
    "wishapp/wishes/service.py": "from wishapp.kernel.errors import Refused\nfrom wishapp.wishes.models import models\n",
    "wishapp/wishes/views.py": "import flask\nfrom wishapp import web\nfrom wishapp.wishes import service\n",
    "templates/wishes/wall.html": '<p class="lead">{{ _("Wishes") }}</p>\n<script src="/static/js/app.js"></script>\n',
}
IMPORTS, WRITING, PAGES = import_rules, writing_rules, template_rules
SINS = [
    ("flask in the solver", "wishapp/solver/search.py", "import flask\n", IMPORTS.pure_shelves),
    ("sqlalchemy in the kernel", "wishapp/kernel/clock.py", "from sqlalchemy import select\n", IMPORTS.pure_shelves),
    ("flask in the store", "wishapp/store/paging.py", "from flask import request\n", IMPORTS.pure_shelves),
    ("upward import", "wishapp/places/service.py", "from wishapp.wishes import service\n", IMPORTS.look_down_only),
    ("upward import by name", "wishapp/store/audit.py", "import wishapp.web\n", IMPORTS.look_down_only),
    ("sideways import", "wishapp/wishes/queries.py", "from wishapp.issues import service\n", IMPORTS.look_down_only),
    ("solver above itself", "wishapp/solver/search.py", "from wishapp.kernel import errors\n", IMPORTS.look_down_only),
    ("a slice nobody placed", "wishapp/extras/__init__.py", "from wishapp.kernel import errors\n", IMPORTS.look_down_only),
    ("another slice's views", "wishapp/wishes/pages.py", "from wishapp.places import views\n", IMPORTS.through_the_front_door),
    ("another slice's views by name", "wishapp/wishes/pages.py", "from wishapp.places.views import flask\n", IMPORTS.through_the_front_door),
    ("another slice's package", "wishapp/wishes/pages.py", "import wishapp.places\n", IMPORTS.through_the_front_door),
    ("flask in a service", "wishapp/wishes/service.py", "from flask_login import current_user\n", IMPORTS.no_web_below_views),
    ("the web shelf in queries", "wishapp/wishes/queries.py", "from wishapp.web import flask\n", IMPORTS.no_web_below_views),
    ("flask in a split service", "wishapp/wishes/service/claim.py", "from flask import g\n", IMPORTS.no_web_below_views),
    ("relative import", "wishapp/wishes/queries.py", "from . import models\n", IMPORTS.absolute_imports),
    ("import in a function", "wishapp/wishes/queries.py", "def wall():\n    import json\n    return json\n", IMPORTS.imports_on_top),
    ("import in a method", "wishapp/wishes/queries.py", "class Wall:\n    def show(self):\n        import json\n", IMPORTS.imports_on_top),
    ("cycle", "wishapp/wishes/models.py", "from wishapp.wishes import service\n", IMPORTS.no_cycles),
    ("bare commit", "wishapp/wishes/queries.py", "def keep(db):\n    db.session.commit()\n", WRITING.commit_in_one_place),
    ("commit by another name", "wishapp/wishes/queries.py", "def keep(db):\n    end = db.session.commit\n    end()\n", WRITING.commit_in_one_place),
    ("commit by SQL", "wishapp/wishes/queries.py", "def keep(connection):\n    connection.exec_driver_sql('commit;')\n", WRITING.commit_in_one_place),
    ("state assigned", "wishapp/wishes/queries.py", "def open_it(wish):\n    wish.state = 'open'\n", WRITING.state_by_advance),
    ("state assigned in passing", "wishapp/wishes/queries.py", "def open_it(wish):\n    wish.title, wish.state = 'a', 'open'\n", WRITING.state_by_advance),
    ("state by setattr", "wishapp/wishes/queries.py", "def open_it(wish):\n    setattr(wish, 'state', 'open')\n", WRITING.state_by_advance),
    ("state by bulk update", "wishapp/wishes/queries.py", "def open_it(query):\n    query.values(state='open')\n", WRITING.state_by_advance),
    ("state by mapping", "wishapp/wishes/queries.py", "def open_it(query):\n    query.update({'state': 'open'})\n", WRITING.state_by_advance),
    ("state by SQL", "wishapp/wishes/queries.py", "SQL = 'UPDATE wishes SET title = 1, state = 2'\n", WRITING.state_by_advance),
    ("populate_obj", "wishapp/wishes/views.py", "def save(form, wish):\n    form.populate_obj(wish)\n", WRITING.listed_fields),
    ("301 lines", "wishapp/wishes/queries.py", "x = 1\n" * 301, WRITING.short_files),
    ("301 lines of test", "tests/test_long.py", "x = 1\n" * 301, WRITING.short_files),
    ("301 lines of page", "templates/wishes/long.html", "<br>\n" * 301, WRITING.short_files),
    ("helpers", "wishapp/wishes/helpers.py", "", WRITING.telling_names),
    ("a folder called common", "wishapp/web/common/text.py", "", WRITING.telling_names),
    ("f-string translated", "wishapp/wishes/views.py", "def say(_, n):\n    return _(f'{n} wishes')\n", WRITING.whole_sentences),
    ("translated in an f-string", "wishapp/wishes/views.py", "def say(_, n):\n    return f\"{_('Wishes')}: {n}\"\n", WRITING.whole_sentences),
    ("Chinese in the code", "wishapp/wishes/views.py", "TITLE = '微心愿'\n", WRITING.english_sources),
    ("Markup unexplained", "wishapp/web/filters.py", "def bold(Markup, text):\n    return Markup(text)\n", WRITING.trusted_markup),
    ("inline style", "templates/wishes/wall.html", '<p style="color:red">x</p>\n', PAGES.nothing_inline),
    ("style block", "templates/wishes/wall.html", "<style>p {}</style>\n", PAGES.nothing_inline),
    ("inline script", "templates/wishes/wall.html", "<script>go()</script>\n", PAGES.nothing_inline),
    ("event handler", "templates/wishes/wall.html", '<a class="x"\n onclick="go()">x</a>\n', PAGES.nothing_inline),
    ("javascript address", "templates/wishes/wall.html", '<a href="javascript:go()">x</a>\n', PAGES.nothing_inline),
    ("script from elsewhere", "templates/wishes/wall.html", '<script src="https://cdn.invalid/a.js"></script>\n', PAGES.nothing_from_elsewhere),
    ("safe unexplained", "templates/wishes/wall.html", "{{ story | safe }}\n", PAGES.safe_with_reason),
    ("Chinese in a template", "templates/wishes/wall.html", "<h1>心愿墙</h1>\n", PAGES.words_from_the_catalogue),
]
TREE_RULES = (*import_rules.RULES, *writing_rules.RULES, *template_rules.RULES)


def build(tree: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tree


@pytest.mark.parametrize("rule", TREE_RULES, ids=lambda rule: rule.__name__)
def test_a_decent_tree_is_left_alone(rule: Callable, tmp_path: Path) -> None:
    assert list(rule(build(tmp_path, DECENT))) == []


@pytest.mark.parametrize(("name", "text", "rule"), [sin[1:] for sin in SINS], ids=[sin[0] for sin in SINS])
def test_the_sin_is_caught(name: str, text: str, rule: Callable, tmp_path: Path) -> None:
    assert list(rule(build(tmp_path, {**DECENT, name: text})))


def test_every_rule_has_its_sin() -> None:
    assert {rule.__name__ for rule in TREE_RULES} == {sin[3].__name__ for sin in SINS}


def site(rule: str, endpoint: str, **options: object) -> Flask:
    def view() -> str:
        return ""

    if options.pop("guarded", True):
        view.__guard__ = "public"
    app = Flask("sins")
    app.add_url_rule(rule, endpoint, view, **options)
    return app


ROUTE_SINS = [
    ("unguarded", site("/wishes", "wishes.wall", guarded=False), route_rules.every_route_guarded),
    ("untyped", site("/wishes/<wish_id>", "wishes.show"), route_rules.typed_parameters),
    ("snake_case", site("/my_wishes", "wishes.mine"), route_rules.kebab_case),
    ("CamelCase", site("/Wishes", "wishes.wall"), route_rules.kebab_case),
    ("slash at the end", site("/wishes/", "wishes.wall"), route_rules.kebab_case),
    ("no slice", site("/wishes", "wall"), route_rules.endpoint_is_verb),
    ("another verb", site("/wishes/<int:wish_id>/publish", "wishes.make_public", methods=["POST"]), route_rules.endpoint_is_verb),
]


@pytest.mark.parametrize(("app", "rule"), [sin[1:] for sin in ROUTE_SINS], ids=[sin[0] for sin in ROUTE_SINS])
def test_the_route_sin_is_caught(app: Flask, rule: Callable) -> None:
    assert list(rule(app))


@pytest.mark.parametrize("rule", route_rules.RULES, ids=lambda rule: rule.__name__)
def test_decent_routes_are_left_alone(rule: Callable) -> None:
    assert list(rule(site("/wishes/<int:wish_id>/publish", "wishes.publish", methods=["POST"]))) == []
    assert list(rule(site("/healthz", "web.health"))) == []
