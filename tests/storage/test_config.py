"""Configuration: the file, the environment over it, and faults that name every bad key."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from engine.config import Config, EnvironmentFault, config_schema, default_home, load_config
from metamodel.expressions.workdays import Calendar


def load(tmp_path, text="", **environment):
    file = tmp_path / "config.yaml"
    file.write_text(text)
    return load_config({"TENON_HOME": str(tmp_path), **environment}, file)


def test_defaults(tmp_path):
    config = load(tmp_path)
    assert config == Config(home=tmp_path)
    assert config.address == "http://127.0.0.1:8000"
    assert str(config.zone) == "Asia/Shanghai"


def test_the_environment_wins_over_the_file(tmp_path):
    secret = tmp_path / "url"
    secret.write_text("postgresql://a:b@db/x\n")
    config = load(
        tmp_path,
        "web: {port: 1, threads: 8}\n",
        TENON_WEB_PORT="9000",
        TENON_DATABASE_URL_FILE=str(secret),
        TENON_MAIL_PASSWORD="s",
    )
    assert (config.web.port, config.web.threads) == (9000, 8)
    assert config.database.url == "postgresql://a:b@db/x"
    assert config.mail.password == "s"


def test_the_working_days(tmp_path):
    text = "calendar: {week: [sun, mon], holidays: [2026-10-01..2026-10-03, '2026-01-01'], makeup: [2026-10-10]}"
    days = load(tmp_path, text).working_days
    assert days.week == {6, 0}
    assert days.holidays == {date(2026, 1, 1), *(date(2026, 10, day) for day in (1, 2, 3))}
    assert days.workdays == {date(2026, 10, 10)}
    said = load(
        tmp_path, text, TENON_CALENDAR_HOLIDAYS="2026-05-01, 2026-05-04", TENON_CALENDAR_WEEK="wed"
    ).working_days
    assert said.holidays == {date(2026, 5, 1), date(2026, 5, 4)}
    assert said.week == {2}
    assert load(tmp_path).working_days == Calendar()


@pytest.mark.parametrize(
    ("text", "environment", "message"),
    [
        ("web: {prot: 1}", {}, "'prot' was unexpected"),
        ("web: {port: '80'}", {}, r"web.port: '80' is not of type 'integer'"),
        ("", {"TENON_WEB_PORT": "x"}, "TENON_WEB_PORT: 'x' is no whole number"),
        ("", {"TENON_WEB_PORT": "70000"}, "web.port: 70000 is greater"),
        ("", {"TENON_WEB_PROT": "1"}, "TENON_WEB_PROT is unknown, did you mean TENON_WEB_PORT"),
        ("calendar: {zone: Mars/Base}", {}, "Mars/Base is no time zone"),
        ("calendar: {week: []}", {}, "calendar.week: [] "),
        ("calendar: {week: [mon, noday]}", {}, "calendar.week.1: 'noday' is not one of"),
        ("calendar: {holidays: [2026-13-01]}", {}, "calendar.holidays: 2026-13-01"),
        ("calendar: {holidays: [2026-10-08..2026-10-01]}", {}, "is no range of days"),
        ("calendar: {makeup: [soon]}", {}, "calendar.makeup.0: 'soon' does not match"),
        ("calendar: {makeup: 2026-10-10}", {}, "is not of type 'array'"),
        ("mail: {password: x}", {}, "holds a secret: give it by TENON_MAIL_PASSWORD"),
        ("database: {url: 'postgresql://a:b@db/x'}", {}, "holds a secret"),
        ("web: {map_tiles: ['https://tiles.example/{z}/{x}.png']}", {}, "web.map_tiles.0: "),
        ("web: {map_tiles: ['https://a.example; script-src *//{x}{y}{z}']}", {}, "web.map_tiles.0: "),
        ("", {"TENON_WEB_MAP_TILES": "https://{s}.tiles.example/{z}/{x}/{y}.png"}, "web.map_tiles.0: "),
        ("web: 3", {}, "map of sections"),
        ("web: [", {}, "cannot be read"),
        ("", {"TENON_DATABASE_URL_FILE": "/nowhere"}, "TENON_DATABASE_URL_FILE: No such file"),
    ],
)
def test_faults(tmp_path, text, environment, message):
    with pytest.raises(EnvironmentFault, match=re.escape(message) if "|" not in message else message):
        load(tmp_path, text, **environment)


def test_a_named_file_that_is_missing_is_said(tmp_path):
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        load_config({"TENON_CONFIG": str(tmp_path / "none.yaml")})


def test_the_secret_key_is_made_once_and_ours_alone(tmp_path):
    config = load(tmp_path)
    assert config.secret_key() == load(tmp_path).secret_key()
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600


def test_home_follows_the_environment(tmp_path):
    assert default_home({"TENON_HOME": str(tmp_path)}) == tmp_path
    assert default_home({}).name == "tenon"


def test_the_shipped_file_shows_every_key_with_its_default():
    text = (Path(__file__).parents[2] / "config.yaml").read_text()
    shown = yaml.safe_load(
        re.sub(r"^# (?=[ a-z_]+:)", "", text, flags=re.MULTILINE).replace("TENON_DATABASE_URL_FILE.", "")
    )
    schema = config_schema()["properties"]
    assert shown == {
        name: {key: rule["default"] for key, rule in section["properties"].items()} for name, section in schema.items()
    }
