"""Production does not start on secrets everybody knows."""

import pytest

from wishapp import config


@pytest.mark.parametrize("secrets", [
    {}, {"SECRET_KEY": "s" * 40}, {"DATA_KEY": "d" * 40}, {"SECRET_KEY": "short", "DATA_KEY": "d" * 40},
    {"SECRET_KEY": config.DEFAULT_SECRET, "DATA_KEY": config.DEFAULT_SECRET},
])
def test_production_wants_its_own_secrets(secrets: dict) -> None:
    with pytest.raises(config.BadSettings, match="WISHAPP_(SECRET|DATA)_KEY"):
        config.load({"ENV": "production", **secrets})


def test_production_with_secrets_and_development_without() -> None:
    settings = config.load({"ENV": "production", "SECRET_KEY": "s" * 40, "DATA_KEY": "d" * 40})
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert config.load({})["SESSION_COOKIE_SECURE"] is False


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISHAPP_DATABASE_URL", "postgresql+psycopg://somewhere/else")
    monkeypatch.setenv("WISHAPP_QUEUE_URL", "redis://queue")
    settings = config.load()
    assert (settings["SQLALCHEMY_DATABASE_URI"], settings["QUEUE_URL"]) == ("postgresql+psycopg://somewhere/else", "redis://queue")


@pytest.mark.parametrize("value", ["49", "100", "", "95.5", "ninety", "-60"])
def test_how_sure_the_office_wants_to_be_is_a_percentage(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WISHAPP_SURE_PERCENT", value)
    with pytest.raises(config.BadSettings, match="WISHAPP_SURE_PERCENT"):
        config.load()
    monkeypatch.setenv("WISHAPP_SURE_PERCENT", "80")
    assert config.load()["SURE_PERCENT"] == 80
