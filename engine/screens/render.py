"""The templates' environment: where they are found, what every one of them may use. Which page shows what is not decided here."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from jinja2.utils import htmlsafe_json_dumps

from engine.screens import html
from engine.screens.assets import Assets
from engine.screens.build import STATIC
from engine.screens.texts import BY_LANGUAGE, SCRIPT_TEXTS, say
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.screens.area import Area

TEMPLATES = Path(__file__).parent / "templates"
FIELDS = Path(__file__).parents[1] / "fields"
WIDGETS = Path(__file__).parents[1] / "insight" / "widgets"


def avatar(name: str, number: int, *, big: bool = False) -> html.Html:
    """Return a person's mark for templates."""
    return html.Html(html.avatar(name, number, big=big))


def badge(label: str, color: str = "") -> html.Html:
    """Return a coloured mark for templates."""
    return html.Html(html.badge(label, color))


class Renderer:
    """Renders templates in a language. One instance serves an application."""

    def __init__(self, assets: Assets | None = None, areas: Sequence[Area] = ()) -> None:
        self.assets = assets or Assets(STATIC)
        folders: dict[str, BaseLoader] = {"fields": FileSystemLoader(FIELDS), "widgets": FileSystemLoader(WIDGETS)}
        folders |= {area.name: FileSystemLoader(area.folder / "templates") for area in areas}
        self._words = {name: Text(*pair) for area in areas for name, pair in area.words.items()}
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader(folders)]),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            icon=self.assets.icon, asset=self.assets.url, avatar=avatar, badge=badge, languages=("zh", "en")
        )
        self._spoken = {language: self._language(language) for language in BY_LANGUAGE}
        self._fixed: dict[tuple[str, str], html.Html] = {}

    def render(self, template: str, language: str, **values: Any) -> str:
        """Return a template filled for a language. Raises jinja2.UndefinedError for a name that nobody gave."""
        return self.environment.get_template(template).render(self._spoken[language], **values)

    def _language(self, language: str) -> Mapping[str, Any]:
        """Return what every template of a language is given. Texts are attributes: templates find those first."""

        texts = {**BY_LANGUAGE[language], **{name: text(language) for name, text in self._words.items()}}

        def said(name: str, /, **places: object) -> str:
            return texts[name].format(**places) if name in self._words else say(name, language, **places)

        return {
            "lang": language,
            "t": SimpleNamespace(**texts),
            "say": said,
            "fixed": lambda template: self.fixed(template, language),
            "script_texts": html.Html(htmlsafe_json_dumps({name: texts[name] for name in SCRIPT_TEXTS})),
        }

    def word(self, name: str, language: str) -> str:
        """Return a word of ours or of an area by its name."""
        return str(getattr(self._spoken[language]["t"], name))

    def fixed(self, template: str, language: str) -> html.Html:
        """Return a template that depends on nothing but the language, drawn once."""
        found = self._fixed.get((template, language))
        if found is None:
            found = self._fixed[template, language] = html.Html(self.render(template, language))
        return found

    def control(self, template: str, language: str, **values: Any) -> str:
        """Return a field type's control; see the convention in engine/screens/__init__.py."""
        return self.environment.get_template(f"fields/{template}.html").render(
            self._spoken[language], render=None, **values
        )
