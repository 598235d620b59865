"""Formatted text: nothing that runs gets through, whatever it is written like; cleaning again changes nothing; nothing takes long."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields import field_kinds
from engine.fields.base import ValueFault
from engine.fields.markup import Markup, clean, looks_marked_up
from engine.fields.rich_text import RichText, from_plain, rich
from tests.fields.support import CHINESE, a_field

TAGS = frozenset(
    [
        "p",
        "br",
        "strong",
        "em",
        "u",
        "s",
        "a",
        "ul",
        "ol",
        "li",
        "blockquote",
        "h2",
        "h3",
        "code",
        "pre",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
ATTRIBUTES = {"a": {"href", "target", "rel"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
    "<p onclick=alert(1) style='background:url(javascript:alert(1))'>x</p>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:x'>x</a><a href='//evil.example'>y</a><a href='/o/user/1/delete'>z</a>",
    "<a href='https://a\" onmouseover=\"alert(1)'>x</a>",
    "<a href=\"https://a/'&quot;><img src=x onerror=alert(1)>\">x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=x></object><embed src=x><base href=//evil><link rel=stylesheet href=//evil><meta http-equiv=refresh content=0>",
    "<form action=//evil><input name=x><button formaction=javascript:alert(1)>x</button></form>",
    "<template><img src=x onerror=alert(1)></template>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml version='1.0'?><img src=x onerror=alert(1)>",
    "<p><img src=`x` onerror=alert(1)//",
    "<<script>script>alert(1)<</script>/script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<p>\x01<img\x00 src=x onerror=alert(1)>",
    "<x onclick=alert(1)>x</x><isindex type=image src=1 onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<table background=javascript:alert(1)><td background=javascript:alert(1) colspan='2 onclick=x'>x",
)  # fmt: skip


class Reader(HTMLParser):
    """Notes what tags and attributes there are."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Hold to what is allowed."""
        assert tag in TAGS
        assert {name for name, _ in attrs} <= ATTRIBUTES.get(tag, set())
        for name, value in attrs:
            if name == "href":
                assert re.match(r"(?i)(https?://|mailto:)\S+\Z", value or "")
        if tag == "a":
            assert dict(attrs)["rel"] == "noopener noreferrer nofollow"
        if tag != "br":
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        """Each closes the one opened last."""
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        """There are none."""
        raise AssertionError(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def held_to(markup: str) -> str:
    """Return cleaned markup that was found harmless."""
    found = clean(markup)
    reader = Reader()
    reader.feed(found)
    reader.close()
    assert reader.open == []
    assert reader.deepest <= 45
    assert clean(found) == found
    assert str(rich(markup) or "") == Markup(found).text()
    assert bool(found) == bool(Markup(found).text())
    return found


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_gets_through(attack: str) -> None:
    for markup in (
        attack,
        f"<p>a{attack}b</p>",
        f"<ul><li>{attack}</ul>",
        f"<table><tr><td>{attack}",
        attack.upper(),
        attack * 3,
    ):
        held_to(markup)


PIECES = st.sampled_from(
    [*ATTACKS, *(f"<{tag}>" for tag in sorted(TAGS)), *(f"</{tag}>" for tag in sorted(TAGS)), "<div>", "</div>", "<b>", "</b>", "a", " b ", "&amp;", "&nbsp;",
     "\n", "<", ">", "<a href='https://x.example/?a=1&amp;b'>", "<td colspan=2>", "<h1>", "</h1>", "中", "<!--", "-->", '"', "'"]
)  # fmt: skip


@settings(max_examples=250, deadline=None, derandomize=True)
@given(st.lists(PIECES, max_size=25))
def test_whatever_is_put_together_comes_out_clean_and_stays_so(pieces: list[str]) -> None:
    held_to("".join(pieces))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.text(alphabet="ab <>&\"'\n\t榫/=-!b", max_size=60))
def test_plain_text_keeps_what_it_says(text: str) -> None:
    if looks_marked_up(text):
        return
    said = Markup(from_plain(text)).text()
    assert " ".join(said.split()) == " ".join(text.split())


@pytest.mark.parametrize(
    "piece",
    ["<ul><li>", "<b a=1>", "<!--", '<a "', "<script>", "<table><tr><td>", '<a href="', "<p><b><i><u><s><code></p>", "</p>", "<svg>", "<x y='", "&#60;b&#62;", "<blockquote>"],
)  # fmt: skip
def test_nothing_takes_long(piece: str) -> None:
    """The library alone takes minutes for deep nesting, which it repairs step by step."""
    field = a_field("rich_text")
    began = time.process_time()
    with suppress(ValueFault):
        field.kind.parse(field, (piece * (499_000 // len(piece)))[:499_000], CHINESE)
    assert time.process_time() - began < 20


def test_a_formatted_text_is_its_text_and_differs_by_its_markup() -> None:
    plain, bold = rich("<p>a</p>"), rich("<p><b>a</b></p>")
    assert plain == "a" == bold
    assert plain != bold
    assert isinstance(bold, RichText)
    assert bold.markup == "<p><strong>a</strong></p>"
    assert field_kinds()["rich_text"].parts is not None
    assert field_kinds()["rich_text"].parts.split("a\nb") == ("<p>a<br>b</p>", "a\nb")
