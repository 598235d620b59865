"""A model that nobody looked at while the product was made: each of its objects gets a list, a form and a page of a record, in both
languages. A small one always; one of 500 objects with the soak tests, checked, installed and walked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from time import perf_counter
from typing import TYPE_CHECKING

import pytest

from app import create_kinds
from engine.publishing.press import Candidate, Press
from engine.publishing.publish import publish
from engine.records.compile import Records
from engine.runtime import load_app
from metamodel.read import read_packs
from tests.screens.conftest import Browser
from tests.screens.ground import ROOT, Ground, compile_pack
from tests.screens.made_up import VIEWS, write_made_up

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from engine.records.compile import CompiledObject
    from metamodel.read import ReadSet
    from tests.conftest import Database

SMALL, LARGE = 25, 500
CHECKED, INSTALLED = 10, 60  # seconds, on a machine that does nothing else
SLOWER = 5  # times as long as a busy machine may take
INPUT = re.compile(r'<(?:input|select|textarea)\b[^>]*\bname="([^"]+)"')
HAN = re.compile("[\u3400-\u9fff]+")
OWN_NAMES = {"中文", "简体中文"}  # of the other language, in its own words
HOLES = re.compile(r"\{\{|\bUndefined\b|&lt;engine\.")
LABELS = {"zh": "新的一条", "en": "One more"}


@dataclass
class Walk:
    """A walk through all objects as one person sees them. ``faults``: what was wrong, all of it."""

    ground: Ground
    browser: Browser
    faults: list[str]
    language: str = "zh"

    def see(self, url: str) -> str:
        """Open a page; note what no page may have."""
        answer = self.browser.get(url)
        text = answer.text
        if answer.status_code != 200 or HOLES.search(text) or 'role="alert">' in text:
            self.faults.append(f"{url} {answer.status_code} {HOLES.findall(text)}")
        return text

    def in_one_language(self, url: str, text: str) -> None:
        """Note words of the other language on a page that holds no data yet."""
        shown = re.sub(r"<script\b.*?</script>|<[^>]*>", " ", text, flags=re.DOTALL)
        if self.language == "zh" and re.search(r"\b(None|Undefined)\b", shown):
            self.faults.append(f"{url}: a value that is none")
        if self.language == "en" and (found := set(HAN.findall(shown)) - OWN_NAMES):
            self.faults.append(f"{url} in English: {sorted(found)[:5]}")

    def speak(self, language: str) -> None:
        """Go on in a language."""
        self.language = language
        self.browser.post("/language", {"language": language})

    def list_and_form(self, compiled: CompiledObject) -> str:
        """Look at the empty list, by every other view, and at the form; return the form itself."""
        for view in VIEWS[len(compiled.name) % 2 :: 2] if self.language == "zh" else ("all",):
            url = f"/o/{compiled.name}?view={view}"
            text = self.see(url)
            self.in_one_language(url, text)
            if escape(compiled.definition.label(self.language)) not in text:
                self.faults.append(f"{url} has no name")
        form = self.see(f"/o/{compiled.name}/new")
        self.in_one_language(f"/o/{compiled.name}/new", form)
        form = form.partition('id="record-form"')[2].partition("</form>")[0]  # the menu's forms have a token beside it
        for name in set(INPUT.findall(form)) & set(compiled.fields):
            if escape(compiled.fields[name].label(self.language)) not in form:
                self.faults.append(f"/o/{compiled.name}/new: {name} has no label")
        return form

    def make(self, compiled: CompiledObject, form: str, links: dict[str, str]) -> None:
        """Make a record by the fields of its form, and look at its page and into the list again."""
        values = {"name": LABELS[self.language]}
        for name in dict.fromkeys(INPUT.findall(form)):
            field = compiled.fields.get(name)
            if field is not None and name != "name":
                values[name] = links.get("".join(field.targets[:1]), "") if field.targets else _typed(compiled, name)
        for name, _ in compiled.lines():
            values |= {f"{name}.0.id": "", f"{name}.0.name": "1"}
        answer = self.browser.post(f"/o/{compiled.name}/new", {"_csrf_token": self.browser.token, **values})
        if answer.status_code != 303:
            said = re.findall(r'class="[^"]*error[^"]*"[^>]*>([^<]+)<', answer.text)
            self.faults.append(f"/o/{compiled.name}/new refused {answer.status_code}: {said[:4]}")
            return
        page = answer.headers["Location"].partition("?")[0]
        text = self.see(page)
        if LABELS[self.language] not in text:
            self.faults.append(f"{page} has no title")
        self.see(f"{page}/edit")
        if LABELS[self.language] not in self.see(f"/o/{compiled.name}"):
            self.faults.append(f"{compiled.name}: the list does not show the record")
        links[compiled.name] = page.rpartition("/")[2]


def _typed(compiled: CompiledObject, name: str) -> str:
    """Return what somebody may type into a field: its kind's own example, or the first choice."""
    field = compiled.fields[name]
    if field.choices:
        return next(iter(field.choices))
    return next((one.text for one in field.kind.examples if one.text and not one.refused and not one.options), "")


def walk(ground: Ground, names: list[str]) -> list[str]:
    """Walk through objects in both languages, as ``ada``; return what was wrong."""
    tour = Walk(ground, Browser(ground.app()).sign_in("ada"), [])
    objects = ground.runtime.part(Records).objects
    links: dict[str, str] = {"user": str(ground.ids["ada"])}
    for language in ("zh", "en"):
        tour.speak(language)
        forms = {name: tour.list_and_form(objects[name]) for name in names if not objects[name].parent}
        for name, form in forms.items() if language == "en" else ():
            tour.make(objects[name], form, links)
    return tour.faults


def test_each_object_of_a_made_up_model_has_its_pages(new_ground: Callable[..., Ground], tmp_path: Path) -> None:
    names = write_made_up(tmp_path / "made_up", SMALL)
    runtime = compile_pack(tmp_path / "made_up")
    objects = runtime.part(Records).objects
    there = {field.kind.name for name in names for field in objects[name].fields.values()}
    assert there == set(runtime.part(Records).kinds.fields)
    faults = walk(new_ground(runtime, {"ada": "admin"}), names)
    assert not faults, "\n".join(faults)


@pytest.mark.soak
def test_five_hundred_objects_are_checked_installed_and_walked(system_database: Database, tmp_path: Path) -> None:
    names, kinds = write_made_up(tmp_path / "made_up", LARGE), create_kinds()

    def read(below: str = "") -> ReadSet:
        return read_packs([tmp_path / "made_up"], kinds, search=[ROOT / "packs"], below=below)

    began = perf_counter()
    found = read()
    checked = perf_counter() - began
    assert found.model is not None
    fields = [field.type for name in names for field in found.model.objects[name].fields.values()]
    links, lines = sum(one in {"link", "links"} for one in fields), fields.count("lines")
    assert len(names) == LARGE
    assert (len(fields) >= 7500, links >= 1800, lines >= 280) == (True, True, True), (len(fields), links, lines)
    began = perf_counter()
    press = Press(system_database.engine, kinds, rest=0.0, patience=5.0)
    outcome = publish(press, lambda base: Candidate(read(base.canonical)))
    installed = perf_counter() - began
    assert outcome.version, [fault.message.en for fault in outcome.read.faults]
    with system_database.engine.connect() as connection:
        runtime = load_app(connection, outcome.version, kinds)
    ground = Ground(runtime, system_database.engine, tmp_path)
    ground.person("ada", "Ada", "admin")
    faults = walk(ground, names)
    assert not faults, "\n".join(faults)
    told = f"checked in {checked:.1f} s, installed in {installed:.1f} s"
    assert checked < CHECKED * SLOWER, told
    assert installed < INSTALLED * SLOWER, told
