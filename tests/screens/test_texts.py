"""Every word of the screens is written once, in both languages, in the catalogue; templates and scripts hold none."""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

from engine.screens.texts import BY_LANGUAGE, SCRIPT_TEXTS, TEXTS, say

SCREENS = Path(__file__).parents[2] / "engine" / "screens"
AREAS = [*sorted((SCREENS / "areas").glob("*/")), SCREENS.parents[1] / "designer"]
WIDGETS = SCREENS.parent / "insight" / "widgets"  # their templates speak the boards' words
TEMPLATES = sorted(
    [
        *WIDGETS.glob("*.html"),
        *(SCREENS / "templates").glob("*.html"),
        *(one for area in AREAS for one in area.glob("templates/*.html")),
    ]
)
SCRIPTS = sorted(
    [
        *WIDGETS.glob("*.js"),
        *(SCREENS / "frontend" / "src").rglob("*.js"),
        *(one for area in AREAS for one in area.rglob("*.js")),
    ]
)
OUTSIDE = set(import_module("designer.words").WORDS) if find_spec("designer.words") else set()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Names of the languages in themselves, names of keys, and characters that people type as part of numbers and dates.
OWN_NAMES = {"中文", "English", "⌘K", "Esc", "⌘S", "Ctrl K", "Ctrl S"}
TYPED = set("万亿元年月日百千一二三四五六七八九十")


def test_every_text_is_there_in_both_languages() -> None:
    for name, text in TEXTS.items():
        assert text.zh, name
        assert text.en, name
        assert not CHINESE.search(text.en), name
        places = [set(re.findall(r"\{(\w+)\}", one)) for one in (text.zh, text.en)]
        assert places[0] == places[1] - {"s"}, name  # the ending of an English plural
    same = {name for name, text in TEXTS.items() if text.zh == text.en}
    assert same == {"blank"}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_words(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
    shown = re.sub(r"<(script|style).*?</\1>", "", text, flags=re.DOTALL)
    shown = re.sub(r"<[^>]*>", "\n", shown)
    words = [word.strip() for line in (*spoken, shown) for word in line.split("\n")]
    left = [word for word in words if re.search(r"[A-Za-z\u4e00-\u9fff]", word) and word not in OWN_NAMES]
    assert left == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_hold_no_words(path: Path) -> None:
    code = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)
    assert set(CHINESE.findall(code)) <= TYPED


def test_every_name_that_is_used_is_in_the_catalogue_and_every_text_is_used() -> None:
    templates = "".join(path.read_text() for path in TEMPLATES)
    scripts = "".join(path.read_text() for path in SCRIPTS)
    code = "".join(path.read_text() for path in SCREENS.rglob("*.py") if path.name not in {"texts.py", "words.py"})
    used = set(re.findall(r"\bt\.([a-z_]+)", templates)) | set(re.findall(r'\bsay\("([a-z_0-9]+)"', templates + code))
    for name in used:
        assert name in TEXTS or name in OUTSIDE, name
    for name in re.findall(r'\btext\("([a-z_]+)"', scripts):
        assert name in SCRIPT_TEXTS, name
    everything = templates + scripts + code
    of_statuses = {name for name in TEXTS if name.startswith("error_")}
    known = _composed(everything) | of_statuses
    assert TEXTS.keys() - known - set(re.findall(r"\w+", everything)) == set()


def _composed(everything: str) -> set[str]:
    """The names that are put together of a beginning, ``say(f"rules_{state}")``, and an ending that some floor writes: ``"failed"``."""
    folders = ("metamodel", "engine", "designer")
    files = (path for folder in folders for path in (SCREENS.parents[1] / folder).rglob("*.py"))
    endings = {end for path in files for end in re.findall(r'"([a-z][a-z_ ]*)"', path.read_text())}
    beginnings = set(re.findall(r"""["']([a-z]+_(?:[a-z]+_)*)(?:["']|\{)""", everything))
    return {name for name in TEXTS for start in beginnings if name.startswith(start) and name[len(start) :] in endings}


def test_every_refusal_has_words_for_its_page() -> None:
    """What happened, by the status of each refusal that the product knows; why is the refusal's own to say."""
    source = "".join(path.read_text() for path in SCREENS.parent.rglob("*.py"))
    statuses = set(re.findall(r"Refusal\(\s*(\d{3}),", source)) - {"401"}  # who is not signed in is led to the sign-in
    assert {"403", "404", "409", "410", "429"} <= statuses
    assert {one for one in statuses if f"error_{one}" not in TEXTS} == set()


def test_say_fills_places_and_refuses_unknown_names() -> None:
    assert say("new", "en", object="Lead") == "New lead"
    assert say("new", "en", object="CRM project") == "New CRM project"
    assert [say("bulk_deleted", "en", count=one) for one in (1, 2)] == ["1 record deleted", "2 records deleted"]
    assert BY_LANGUAGE["zh"]["save"] == "保存"
    with pytest.raises(KeyError):
        say("nothing_of_the_kind", "en")
