"""Reading markup as a browser does, for tests of what may be in it."""

from __future__ import annotations

from html.parser import HTMLParser

NASTY = """'"><script>alert(1)</script><img src=x onerror=alert(1)>&amp;"""


class Tags(HTMLParser):
    """Notes the elements and attributes of a piece of markup, and its text."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def assert_no_script(markup: str) -> Tags:
    """Fail where markup holds a picture, or an attribute that runs a script."""
    found = Tags(markup)
    assert "img" not in found.tags
    assert not [name for name in found.attributes if name.startswith("on")]
    return found
