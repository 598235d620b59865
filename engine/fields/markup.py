"""Markup as it may be stored: what people format, cleaned to a short list of tags, and the text that it says. What comes in is taken apart
and put together anew, each tag closed and none too deep, before the cleaning library has the last word: so nothing that browsers repair in
ways of their own, and nothing that takes minutes to repair, ever reaches it."""

from __future__ import annotations

import re
from html import escape, unescape

import nh3

_ALIASES = {
    "b": "strong", "i": "em", "cite": "em", "var": "em", "strike": "s", "del": "s", "ins": "u", "tt": "code", "kbd": "code", "samp": "code",
    "h1": "h2", "h4": "h3", "h5": "h3", "h6": "h3", "tfoot": "tbody",
    **dict.fromkeys(("div", "section", "article", "header", "footer", "main", "center", "address", "dd", "dt", "figure", "figcaption", "caption"), "p"),
}  # fmt: skip
_LEAVES = frozenset({"p", "h2", "h3", "pre"})  # hold words, and no other block
_INLINE = frozenset({"strong", "em", "u", "s", "code", "a"})
_LISTS, _CELLS, _ROWS = frozenset({"ul", "ol"}), frozenset({"td", "th"}), frozenset({"table", "thead", "tbody"})
_FREE = frozenset({"li", "blockquote", *_CELLS})  # hold words and blocks alike
_KNOWN = _LEAVES | _INLINE | _LISTS | _CELLS | _ROWS | {"li", "blockquote", "tr", "br"}
_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "iframe",
        "object",
        "embed",
        "applet",
        "svg",
        "math",
        "textarea",
        "select",
        "noscript",
        "noembed",
        "noframes",
        "xmp",
        "audio",
        "video",
    ]
)
_MARKUP = _KNOWN | _DROPPED | set(_ALIASES) | {"span", "font", "html", "body", "img", "hr", "o:p"}
DEEPEST = 40
_ATTRIBUTE = re.compile(r"""\s([a-zA-Z][a-zA-Z-]*)\s*=\s*("[^"]*+"|'[^']*+'|[^\s"'>]++)""")
_START = re.compile(r"</?+[a-zA-Z]")
_TAG = re.compile(r"""<(/?+)([a-zA-Z][^\s/>]*+)((?:[^"'>]++|"[^"]*+"|'[^']*+')*+)>""")
_LOOKS = re.compile(r"""</?+([a-zA-Z][a-zA-Z0-9:]*+)(?:\s++[a-zA-Z:-]++=(?:"[^"]*+"|'[^']*+'|[^\s"'>]++))*+\s*+/?+>""")
_ADDRESS = re.compile(r"(?i)(?:https?://|mailto:)[^\s\x00-\x20]+\Z")
_INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[ \t\r\n\f]+")


def looks_marked_up(text: str) -> bool:
    """Whether a text is markup: it has a tag that HTML knows. ``Li Lei <lilei@example.com>`` and ``a < b`` are plain."""
    return any(match[1].lower() in _MARKUP for match in _LOOKS.finditer(text))


def clean(markup: str) -> str:
    """Return markup reduced to the tags that are kept, "" where it says nothing. Doing so again changes nothing."""
    return Markup(markup).clean()


def _gate(markup: str) -> str:
    return nh3.clean(
        markup,
        tags=set(_KNOWN),
        clean_content_tags=set(_DROPPED - {"head", "title"}),
        attributes={"a": {"href", "target"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )


class Markup:
    """Markup taken apart and written anew, well-formed."""

    def __init__(self, markup: str) -> None:
        self._out: list[str] = []
        self._said: list[str] = []
        self._open: list[tuple[str, int]] = []  # tag, where its own opening stands in what is written
        self._spaced = True  # whether a blank here would be one too many
        self._fresh = False  # whether a block has begun or ended since something was said
        self._read(markup)

    def clean(self) -> str:
        """Return it reduced to the tags that are kept, "" where it says nothing."""
        while self._out[-3:] == ["<p>", "<br>", "</p>"]:
            del self._out[-3:]
        return _gate("".join(self._out)) if self.text() else ""

    def text(self) -> str:
        """Return what it says: a line a block, the cells of a row apart by tabs."""
        lines = "".join(self._said).replace("\xa0", " ").split("\n")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip(" ") for line in lines)).strip("\n").rstrip()

    def _read(self, markup: str) -> None:
        at = 0
        while (sign := markup.find("<", at)) >= 0:
            self._words(markup[at:sign])
            at = self._sign(markup, sign)
            if at < 0:
                break
        else:
            self._words(markup[at:])
        self._close_to(0)

    def _sign(self, markup: str, at: int) -> int:
        """Read what begins with a ``<``; return where to go on, -1 where nothing that counts follows."""
        if markup.startswith("<!--", at):
            return _after(markup, "-->", at + 4)
        if _START.match(markup, at) is None:
            if markup[at + 1 : at + 2] in {"!", "?", "/"}:
                return _after(markup, ">", at + 1)
            self._words("&lt;")
            return at + 1
        tag = _TAG.match(markup, at)
        if tag is None:
            return -1  # a tag that never ends: nothing of it counts, as in browsers
        name = tag[2].lower()
        if name in _DROPPED:
            if tag[1]:
                return tag.end()
            ends = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(markup, tag.end())
            return (
                -1 if ends is None and name not in {"embed", "head"} else _after(markup, ">", (ends or tag).end() - 1)
            )
        name = _ALIASES.get(name, name)
        if name in _KNOWN:
            if tag[1]:
                self._end(name)
            else:
                self._begin(name, tag[3])
        return tag.end()

    def _words(self, raw: str) -> None:
        text = _INVISIBLE.sub("", unescape(raw)) if raw else ""
        kept = self._inside({"pre"})
        if not kept:
            text = _BLANKS.sub(" ", text)
            if self._spaced:
                text = text.removeprefix(" ")
        elif self._out[-1] == "<pre>":
            text = text.lstrip("\n")  # line ends there go as browsers read it
        if not text:
            return
        self._house()
        self._out.append(escape(text, quote=False))
        self._say(text)
        self._spaced = not kept and text.endswith(" ")

    def _house(self) -> None:
        """See to it that words stand where words may."""
        top = self._open[-1][0] if self._open else ""
        if top in _LISTS:
            self._push("li")
        elif top in _ROWS or top == "tr":
            self._begin("td", "")
        elif top in {"", "blockquote"}:
            self._push("p")

    def _begin(self, name: str, attributes: str) -> None:
        if name == "br":
            self._house()
            self._out.append("<br>")
            self._say("\n")
            self._spaced = True
        elif name in _INLINE:
            self._begin_inline(name, attributes)
        elif len(self._open) < DEEPEST:
            self._begin_block(name, attributes)

    def _begin_inline(self, name: str, attributes: str) -> None:
        address = _address(attributes) if name == "a" else ""
        if (name == "a" and not address) or self._inside({name}) or len(self._open) >= DEEPEST:
            return
        self._house()
        self._push(name, f'<a href="{escape(address)}">' if address else "")

    def _begin_block(self, name: str, attributes: str) -> None:
        self._leave_words()
        top = self._open[-1][0] if self._open else ""
        if name == "li":
            if not self._up(set(_LISTS), _CELLS):
                self._begin_block("ul", "")
        elif name in {"tr", "thead", "tbody", *_CELLS}:
            if not self._up(
                {"table"} if name in _ROWS else {"table", "thead", "tbody"} if name == "tr" else {"tr"},
                frozenset({"table"}),
            ):
                if name not in _CELLS or not self._up({"table", "thead", "tbody"}, frozenset({"table"})):
                    return  # no table: what it holds is words
                self._push("tr")
        elif top in _LISTS:
            self._push("li")
        elif top in _ROWS or top == "tr":
            self._begin_block("td", "")
        spans = _spans(attributes) if name in _CELLS else ""
        self._push(name, f"<{name}{spans}>" if spans else "")

    def _leave_words(self) -> None:
        """Close the block of words that is open here, and what is open in it: no block stands within it."""
        for place in range(len(self._open) - 1, -1, -1):
            name = self._open[place][0]
            if name in _LEAVES:
                self._close_to(place)
                return
            if name not in _INLINE:
                self._close_to(place + 1)
                return
        self._close_to(0)

    def _up(self, wanted: set[str], border: frozenset[str]) -> bool:
        """Close up to the nearest of ``wanted``; nothing where the ``border`` comes first."""
        for place in range(len(self._open) - 1, -1, -1):
            name = self._open[place][0]
            if name in wanted:
                self._close_to(place + 1)
                return True
            if name in border:
                return False
        return False

    def _end(self, name: str) -> None:
        for place in range(len(self._open) - 1, -1, -1):
            found = self._open[place][0]
            if found == name:
                self._close_to(place)
                return
            if (found in _CELLS and name not in {"tr", *_ROWS}) or (name in _INLINE and found not in _INLINE):
                return

    def _inside(self, names: set[str]) -> bool:
        for name, _ in reversed(self._open):
            if name in names:
                return True
            if name not in _INLINE:
                return False
        return False

    def _push(self, name: str, opening: str = "") -> None:
        if name not in _INLINE:
            self._break(name)
        self._open.append((name, len(self._out)))
        self._out.append(opening or f"<{name}>")

    def _close_to(self, height: int) -> None:
        while len(self._open) > height:
            name, place = self._open.pop()
            if name not in _INLINE:
                self._spaced = self._fresh = True
            if len(self._out) == place + 1 and name not in _CELLS:
                self._out.pop()  # nothing came of it
                continue
            self._out.append(f"</{name}>")

    def _break(self, name: str) -> None:
        """Say that a block begins."""
        self._spaced = True
        self._fresh = not (name in _CELLS and self._inside_row())
        if not self._fresh:
            self._said.append("\t")

    def _say(self, text: str) -> None:
        if self._fresh and self._said and not self._said[-1].endswith(("\n", "\t")):
            self._said.append("\n")
        self._fresh = False
        self._said.append(text)

    def _inside_row(self) -> bool:
        """Whether a cell stands before the one that begins."""
        name, place = self._open[-1] if self._open else ("", 0)
        return name == "tr" and len(self._out) > place + 1


def _after(markup: str, sign: str, start: int) -> int:
    found = markup.find(sign, start)
    return -1 if found < 0 else found + len(sign)


def _given(attributes: str, wanted: str) -> str:
    for name, value in _ATTRIBUTE.findall(attributes):
        if name.lower() == wanted:
            return unescape(value.strip("\"'")).strip()
    return ""


def _address(attributes: str) -> str:
    """Return the address of a link, "" for one that is none to keep."""
    address = "".join(_given(attributes, "href").split())
    return address if len(address) <= 2000 and _ADDRESS.match(address) and not _INVISIBLE.search(address) else ""


def _spans(attributes: str) -> str:
    found = {name: _given(attributes, name) for name in ("colspan", "rowspan")}
    return "".join(f' {name}="{int(value)}"' for name, value in found.items() if re.fullmatch("[1-9][0-9]?", value))
