"""The built files as pages use them: addresses out of the manifest, icons as inline SVG, and serving with long caching.
Building them is build.py's work."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from flask import abort, send_from_directory

from engine.screens.build import OWN
from engine.screens.html import Html

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Request, Response

YEAR = 365 * 24 * 3600  # seconds
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
UNKNOWN_ICON = '<circle cx="12" cy="12" r="7"/>'


class Assets:
    """The files of one build. One instance serves an application; it keeps the icons it has drawn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._icons: dict[tuple[str, str], Html] = {}

    @cached_property
    def manifest(self) -> dict[str, str]:
        """Return entry → file name. Raises FileNotFoundError with what to do when nothing has been built."""
        path = self.folder / "manifest.json"
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: run `python -m engine.screens.build`")
        names: dict[str, str] = json.loads(path.read_text())
        return names

    def url(self, name: str) -> str:
        """Return the address of a built file."""
        return f"/static/{self.manifest[name]}"

    def icon(self, name: str, css: str = "") -> Html:
        """Return an outline icon of the Tabler set as inline SVG, hidden from screen readers; an unknown name gives a circle."""
        found = self._icons.get((name, css))
        if found is None:
            body = self._read_icon(name)
            found = Html(f'<svg class="icon {css}" viewBox="0 0 24 24" aria-hidden="true">{body}</svg>')
            self._icons[name, css] = found
        return found

    def page_icon(self) -> str:
        """Return the mark that browsers show beside a page's title."""
        body = self._read_icon("hexagons")
        style = 'fill="none" stroke="#fff" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round"'
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 32 32">'
            f'<rect x="-4" y="-4" width="32" height="32" rx="8" fill="#4f46e5"/><g {style}>{body}</g></svg>'
        )

    def _read_icon(self, name: str) -> str:
        with closing(sqlite3.connect(f"file:{self.folder / 'icons.sqlite'}?mode=ro", uri=True)) as store:
            row = store.execute("SELECT body FROM icon WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else UNKNOWN_ICON

    def send(self, request: Request, name: str) -> Response:
        """Answer a built file, compressed beforehand where the browser takes it. Its name carries a hash: cached for a year."""
        if name.endswith((".sqlite", ".br", ".gz")) or "/" in name or name in OWN:
            abort(404)
        chosen, encoding = name, ""
        for accepted, suffix in ENCODINGS:
            if request.accept_encodings.quality(accepted) and (self.folder / (name + suffix)).is_file():
                chosen, encoding = name + suffix, accepted
                break
        kind = "text/javascript" if name.endswith(".js") else None
        kind = "text/css" if name.endswith(".css") else kind
        answer = send_from_directory(self.folder, chosen, mimetype=kind, max_age=YEAR, conditional=True)
        if encoding:
            answer.headers["Content-Encoding"] = encoding
        answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        answer.vary.add("Accept-Encoding")
        return answer
