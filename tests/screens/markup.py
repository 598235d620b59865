"""Reading markup as a browser does, for tests of what may be in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

COPY = re.compile(r"/api/v1/files/[0-9]+\?thumbnail=(small|large)")  # a picture that was drawn anew
NASTY = """'"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"""


class Tags(HTMLParser):
    """Notes the elements and attributes of a piece of markup, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.pictures: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag == "img":
            self.pictures.append(dict(attrs).get("src") or "")

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def assert_no_script(markup: str) -> Tags:
    """Fail where markup holds a picture that is none of our copies, or an attribute that runs a script."""
    found = Tags(markup)
    assert [one for one in found.pictures if COPY.fullmatch(one) is None] == []
    assert not [name for name in found.attributes if name.startswith("on")]
    return found
