"""The form controls: every kind's template draws, escapes what it is given, and holds one focusable element with its attributes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import engine.fields
from engine.fields import field_kinds
from tests.fields.support import a_field

if TYPE_CHECKING:
    from engine.fields.base import FieldKind

FOLDER = Path(engine.fields.__file__).parent
NASTY = '"><script>alert(1)</script>'


@pytest.mark.parametrize("kind", field_kinds().values(), ids=lambda kind: kind.name)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_control_draws_and_escapes(kind: FieldKind, language: str) -> None:
    jinja = Environment(loader=FileSystemLoader(FOLDER), undefined=StrictUndefined, autoescape=True)
    jinja.globals["icon"] = lambda _name: Markup("<svg></svg>")
    options = next(
        (dict(example.options) for example in kind.examples if set(kind.required_options) <= set(example.options)), {}
    )
    drawn = jinja.get_template(f"{kind.control}.html").render(
        field=a_field(kind, options),
        value=NASTY,
        name="x",
        id="x-1",
        error="",
        readonly=False,
        required=False,
        lang=language,
        record=None,
        grid=False,
        attrs=Markup('id="x-1" name="x" data-field="x"'),
        choices=[("north", NASTY, "blue", False), (NASTY, "old", "", True)],
        shown=NASTY,
        source="/x",
        symbol="¥",
    )
    assert "<script>" not in drawn
    assert drawn.count('id="x-1"') == 1
    if language == "en":
        assert not any("\u4e00" <= character <= "\u9fff" for character in drawn)


def test_templates_never_switch_escaping_off() -> None:
    for path in FOLDER.glob("*.html"):
        assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", "")
