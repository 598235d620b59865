"""The frame: exit codes, texts on standard error, commands found in files."""

import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import click
import pytest
from gunicorn.config import Config
from gunicorn.http.errors import LimitRequestLine

from engine.cli import frame, run, web
from engine.config import EnvironmentFault
from engine.refusals import FieldError, Refusal
from metamodel.text import Text, plain

GIVEN = frame.Composition(ahead=None, compiled=None, web=None, workshop=None, make_kinds=lambda: "kinds", packs=None)


@pytest.fixture
def ending(monkeypatch):
    """Return a function that runs a command which ends as told."""

    def run(action):
        @click.command("probe")
        def probe():
            return action()

        monkeypatch.setattr(frame.Commands, "get_command", lambda *_: probe)
        return frame.main(GIVEN, ["probe"])

    return run


def throw(error):
    def action():
        raise error

    return action


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (lambda: None, 0),
        (lambda: "text", 0),
        (throw(frame.Faulty()), 1),
        (throw(Refusal(422, "BAD", plain("bad"), (FieldError("a", "REQUIRED", plain("missing")),))), 1),
        (throw(click.ClickException("x")), 1),
        (throw(click.UsageError("x")), 2),
        (throw(EnvironmentFault(plain("no disk"))), 3),
        (throw(click.exceptions.Exit(3)), 3),
        (throw(click.Abort()), 130),
    ],
)
def test_exit_codes(ending, action, code):
    assert ending(action) == code


def test_people_read_standard_error_in_their_language(ending, capsys, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    ending(throw(EnvironmentFault(Text(zh="没有磁盘", en="no disk"))))
    monkeypatch.setenv("LC_ALL", "C")
    ending(throw(EnvironmentFault(Text(zh="没有磁盘", en="no disk"))))
    ending(throw(Refusal(422, "BAD", plain("bad"), (FieldError("a", "REQUIRED", plain("missing")),))))
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "没有磁盘\nno disk\nbad\n  a: missing (REQUIRED)\n"


def test_commands_reach_the_composition(ending):
    seen = []
    assert ending(lambda: seen.append(frame.composition().kinds)) == 0
    assert seen == ["kinds"]


def test_json_is_one_document_on_standard_output(ending, capsys):
    ending(lambda: frame.print_json({"faults": [], "名": "值"}))
    assert json.loads(capsys.readouterr().out) == {"faults": [], "名": "值"}


def test_every_command_is_found_by_name_and_has_help_in_one_line():
    context = click.Context(frame.tenon)
    names = frame.tenon.list_commands(context)
    assert {"run", "web", "worker", "clock", "user", "doctor", "backup", "restore"} <= set(names)
    for name in names:
        command = frame.tenon.get_command(context, name)
        assert command is not None
        assert command.get_short_help_str(200)
    assert frame.tenon.get_command(context, "nonsense") is None


def test_unknown_commands_and_options_are_wrong_usage(capsys):
    assert frame.main(GIVEN, ["nonsense"]) == 2
    assert frame.main(GIVEN, ["doctor", "--nonsense"]) == 2
    assert frame.main(GIVEN, ["--help"]) == 0
    assert frame.main(GIVEN, []) == 2
    assert "Usage" in capsys.readouterr().err


def test_the_list_of_commands_says_what_the_commands_say_and_loads_none_of_them(capsys):
    for name, outline in frame.tenon.outlined.items():
        command = frame.find_commands(outline.module)[name]
        assert outline.help == (command.help or "").partition("\n")[0]
    for path in Path(frame.__file__).parent.glob("*.py"):
        assert set(frame.find_commands(path.stem)) <= set(frame.tenon.outlined)
    loaded = "import sys; from engine.cli import frame; frame.tenon.list_commands(None); print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "psycopg", "redis", "jsonschema", "flask", "gunicorn", "rq"} & set(shown)


def test_run_starts_as_many_workers_as_the_configuration_says(monkeypatch):
    given = SimpleNamespace(compiled=lambda *_: None, kinds=None)
    instance = SimpleNamespace(config=SimpleNamespace(jobs=SimpleNamespace(workers=3)))
    started = []
    monkeypatch.setattr(run, "composition", lambda: given)
    monkeypatch.setattr(run.gc, "freeze", lambda: None)
    run._start_all(instance, SimpleNamespace(start=lambda name, _: started.append(name)))
    assert started == ["web", "worker", "worker", "worker", "clock", "events"]


def test_the_server_leaves_long_addresses_to_the_application():
    def line(length):
        return [f"GET /?{'x' * length} HTTP/1.1\r\nHost: x\r\n\r\n".encode()]

    worker = web.Worker.__new__(web.Worker)
    worker.cfg = Config()
    seen = []
    with patch.object(web.ThreadWorker, "handle", lambda _, conn: seen.append(conn.parser)):
        for length in (200_000, web.LONGEST_LINE):
            worker.handle(SimpleNamespace(parser=None, sock=line(length), client=("127.0.0.1", 1)))
    assert len(next(seen[0]).uri) == 200_002
    with pytest.raises(LimitRequestLine):
        next(seen[1])
