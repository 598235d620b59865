"""The templates' environment: where they are found, what every one of them may use. Which page shows what is not decided here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from engine.screens import html
from engine.screens.assets import Assets
from engine.screens.build import STATIC
from engine.screens.texts import BY_LANGUAGE, SCRIPT_TEXTS, say

if TYPE_CHECKING:
    from collections.abc import Mapping

TEMPLATES = Path(__file__).parent / "templates"
FIELDS = Path(__file__).parents[1] / "fields"


def avatar(name: str, number: int, *, big: bool = False) -> html.Html:
    """Return a person's mark for templates."""
    return html.Html(html.avatar(name, number, big=big))


def badge(label: str, color: str = "") -> html.Html:
    """Return a coloured mark for templates."""
    return html.Html(html.badge(label, color))


class Renderer:
    """Renders templates in a language. One instance serves an application."""

    def __init__(self, assets: Assets | None = None) -> None:
        self.assets = assets or Assets(STATIC)
        self.environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(TEMPLATES), PrefixLoader({"fields": FileSystemLoader(FIELDS)})]),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.environment.globals.update(
            icon=self.assets.icon, asset=self.assets.url, avatar=avatar, badge=badge, languages=("zh", "en")
        )
        self.script_texts: Mapping[str, Mapping[str, str]] = {
            language: {name: texts[name] for name in SCRIPT_TEXTS} for language, texts in BY_LANGUAGE.items()
        }

    def render(self, template: str, language: str, **values: Any) -> str:
        """Return a template filled for a language. Raises jinja2.UndefinedError for a name that nobody gave."""

        def said(name: str, /, **places: object) -> str:
            return say(name, language, **places)

        return self.environment.get_template(template).render(
            lang=language, t=BY_LANGUAGE[language], say=said, script_texts=self.script_texts[language], **values
        )

    def control(self, template: str, language: str, **values: Any) -> str:
        """Return a field type's control; see the convention in engine/screens/__init__.py."""
        return self.environment.get_template(f"fields/{template}.html").render(
            lang=language, t=BY_LANGUAGE[language], render=None, **values
        )
