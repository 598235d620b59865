"""The field type `tags`: words that people make up as they go. Value: the words, a tuple as they were put in, none twice whatever its case;
it lies in one array column with an index."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from engine.fields.base import Example, Field, FieldKind, Locale, Value, ValueFault
from engine.fields.clean import malformed, shortened, stored_line, typed, wrong_type
from engine.fields.links import check_several
from metamodel.expressions.types import Base, Type
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from metamodel.definitions.model import Model
    from metamodel.definitions.objects import FieldDef
    from metamodel.faults import Faults

MOST = 50
LONGEST = 40
_BETWEEN = re.compile(r"[;；,，、\n\t]+|\s+(?=[#＃])")
_JOINED = {"zh": "、", "en": ", "}


def _words(words: Iterable[str]) -> Value:
    found: dict[str, str] = {}
    for word in words:
        line = stored_line(" ".join(word.split()))
        if line is None:
            continue
        line = line.lstrip("#＃").strip()
        if not line:
            raise malformed("标签不能只有 #", "a tag is more than a #")
        if len(line) > LONGEST:
            said = Text(
                zh=f"标签「{shortened(line)}」超过 {LONGEST} 个字符",
                en=f"the tag “{shortened(line)}” has more than {LONGEST} characters",
            )
            raise ValueFault("TOO_LONG", said)
        found.setdefault(line.casefold(), line)
    if len(found) > MOST:
        raise ValueFault("TOO_LONG", Text(zh=f"最多 {MOST} 个标签", en=f"must be at most {MOST} tags"))
    return tuple(found.values()) or None


def _parse(_field: Field, value: object, _locale: Locale | None = None, /) -> Value:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise wrong_type("标签的列表", "a list of tags")
    for one in value:
        if _BETWEEN.search(one):
            said = Text(
                zh=f"标签「{shortened(one)}」不能含分隔符", en=f"the tag “{shortened(one)}” can't hold a separator"
            )
            raise ValueFault("MALFORMED", said)
    return _words(value)


def _parse_text(_field: Field, text: str, _locale: Locale) -> Value:
    return _words(typed(part) for part in _BETWEEN.split(text))


def _show(_field: Field, value: Value, locale: Locale) -> str:
    return _JOINED.get(locale.language, ", ").join(value or ())


def _check(definition: FieldDef, _model: Model, faults: Faults) -> None:
    check_several(definition, faults)


def _schema(_field: Field) -> dict[str, Any]:
    word = {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[^;；,，、\\n\\t]*$"}
    return {"type": "array", "items": word, "maxItems": MOST}


KIND = FieldKind(
    name="tags",
    label=Text(zh="标签", en="Tags"),
    help=Text(zh="随手添加的几个词，如「重点」「展会」", en="A few words that people make up: important, trade fair"),
    icon="tag",
    value_type=lambda _definition, _model: Type(Base.LIST),
    column=lambda _definition: ARRAY(sa.Text()),
    parse=_parse,
    parse_text=_parse_text,
    dump=lambda _field, value: list(value),
    show=_show,
    edit=lambda _field, value, _locale: ";".join(value or ()),
    json_schema=_schema,
    many=True,
    load=lambda found: tuple(found) or None,
    operators=("any_of", "all_of", "none_of", "blank", "not_blank"),
    check=_check,
    examples=(
        Example(json=["重点", "展会"], value=["重点", "展会"], shown="重点、展会"),
        Example(json=["VIP", "vip", " 展会 "], value=["VIP", "展会"]),
        Example(json=[]),
        Example(text="重点;展会", value=["重点", "展会"]),
        Example(text="重点，展会、VIP", value=["重点", "展会", "VIP"]),
        Example(text="#重点 \n＃展会", value=["重点", "展会"]),
        Example(text="trade  fair, VIP,,", value=["trade fair", "VIP"]),
        Example(text="；,", value=None),
        Example(json="重点", refused="WRONG_TYPE"),
        Example(json=["a;b"], refused="MALFORMED"),
        Example(json=[7], refused="WRONG_TYPE"),
        Example(json=["x" * 41], refused="TOO_LONG"),
        Example(text="#", refused="MALFORMED"),
        Example(json=["\x07"], refused="MALFORMED"),
        Example(json=[f"t{n}" for n in range(51)], refused="TOO_LONG"),
    ),
    control="tags",
    one_line=False,
    sortable=False,
)
