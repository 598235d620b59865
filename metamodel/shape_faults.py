"""The words of the shape check: every fault it adds, in both languages, with a hint where one can be given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metamodel.faults import near_miss, offered
from metamodel.names import PATTERN, REVERSE_PATTERN, check_name
from metamodel.shape_cut import cut_value, is_open
from metamodel.source_limits import clip
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from metamodel.faults import Faults, Mark
    from metamodel.nodes import Node

_TYPES = {
    "string": Text(zh="文本", en="text"),
    "integer": Text(zh="整数", en="a whole number"),
    "number": Text(zh="数字", en="a number"),
    "boolean": Text(zh="true 或 false", en="true or false"),
    "object": Text(zh="映射", en="a map"),
    "array": Text(zh="列表", en="a list"),
}
_QUOTE = Text(
    zh="表达式中有 , : # { } [ ] \" 时请整体加单引号：'…'",
    en="quote an expression with , : # { } [ ] \" as a whole: '…'",
)


def known_keys(named: Iterable[str], required: Collection[str]) -> list[str]:
    """Return keys in the order in which a message lists them: what must be there first."""
    return sorted(named, key=lambda key: (key not in required, key))


def _alternatives(schema: Mapping[str, Any]) -> Text:
    if "description" in schema and "x-zh" in schema:
        return Text(zh=schema["x-zh"], en=schema["description"])
    if "enum" in schema:
        return Text(zh=_listed(schema["enum"], " 或 "), en=_listed(schema["enum"], " or "))
    if "const" in schema:
        return Text(zh=_spelt(schema["const"]), en=_spelt(schema["const"]))
    given = schema.get("type")
    if given is None and "anyOf" in schema:
        parts = [_alternatives(branch) for branch in schema["anyOf"]]
        kept = [part for index, part in enumerate(parts) if part and part not in parts[:index]]
        return Text(zh=" 或 ".join(part.zh for part in kept), en=" or ".join(part.en for part in kept))
    if given is None:
        return Text(zh="映射", en="a map") if "properties" in schema else Text()
    names = [given] if isinstance(given, str) else given
    texts = [_TYPES[name] for name in names if name in _TYPES]
    return Text(zh="、".join(text.zh for text in texts), en=" or ".join(text.en for text in texts))


def _spelt(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _listed(values: Iterable[object], last: str) -> str:
    names = [_spelt(value) for value in values]
    return last.join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _place(node: Node) -> str:
    return f"{node.mark.file}:{node.mark.line}"


def found_text(node: Node) -> Text:
    """Say what stands at a node, shortly."""
    if isinstance(node.value, dict):
        return _TYPES["object"]
    if isinstance(node.value, list):
        return _TYPES["array"]
    shown = clip(node.text, 40)
    if node.flow:
        shown = f'"{shown}"'
    return Text(zh=shown, en=shown)


class Tell:
    """Adds the faults of one schema; every method returns False, so that a check can return what it returns."""

    __slots__ = ("_expected", "_is_described", "_kind", "_pattern")

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._expected = _alternatives(schema)
        self._is_described = "x-zh" in schema
        self._pattern = schema.get("pattern", "")
        self._kind: Mapping[str, str] = schema.get("x-unknown", {})

    def empty(self, node: Node, faults: Faults) -> bool:
        """An empty value is a fault, never a removal."""
        hint = Text(
            zh="要移除请写 {remove: true}，否则删掉这个键",
            en="to take it away write {remove: true}, else leave the key out",
        )
        message = Text(zh="{key} 的值是空的", en="{key} has an empty value").format(key=clip(node.key) or "?")
        faults.add("EMPTY_VALUE", message, node.mark, hint=hint)
        return False

    def wrong_shape(self, node: Node, faults: Faults) -> bool:
        """The value is of another sort than wanted."""
        if node.value is None:
            return self.empty(node, faults)
        expected, found = self._expected or Text(zh="别的形状", en="something else"), found_text(node)
        message = Text(
            zh=f"这里应是{_spaced(expected.zh)}，而不是 {found.zh}", en=f"expected {expected.en}, found {found.en}"
        )
        hint = Text()
        if isinstance(node.value, bool) or (node.raw and node.plain):
            hint = Text(zh="若要文本请加引号", en="quote it where a text is meant")
        faults.add("WRONG_SHAPE", message, node.mark, hint=hint)
        return False

    def unknown_value(self, node: Node, values: Sequence[object], faults: Faults) -> bool:
        """None of the listed values."""
        if self._kind and isinstance(node.value, str):
            return self._unknown_kind(node.value, node.mark, [_spelt(value) for value in values], faults)
        message = Text(zh=f"未知的值 {clip(node.text)}", en=f"unknown value {clip(node.text)}")
        names = [_spelt(value) for value in values]
        hint = near_miss(node.text, names) or Text(zh="可用：" + ", ".join(names), en="one of: " + ", ".join(names))
        faults.add("UNKNOWN_VALUE", message, node.mark, hint=hint)
        return False

    def out_of_range(self, node: Node, low: object, high: object, faults: Faults) -> bool:
        """A number outside its bounds."""
        bounds = Text(
            zh="，".join([f"最小 {low}"] * (low is not None) + [f"最大 {high}"] * (high is not None)),
            en=", ".join([f"at least {low}"] * (low is not None) + [f"at most {high}"] * (high is not None)),
        )
        message = Text(
            zh=f"{clip(node.text)} 超出范围（{bounds.zh}）", en=f"{clip(node.text)} is out of range ({bounds.en})"
        )
        faults.add("OUT_OF_RANGE", message, node.mark)
        return False

    def length(self, node: Node, low: int, high: int | None, faults: Faults) -> bool:
        """A text too short or too long."""
        most = f"–{high}" if high is not None else "+"
        message = Text(zh=f"文本长度应为 {low}{most} 个字符", en=f"the text must have {low}{most} characters")
        faults.add("OUT_OF_RANGE", message, node.mark)
        return False

    def malformed(self, node: Node, faults: Faults) -> bool:
        """A text not written as it should be."""
        if self._pattern in {PATTERN, REVERSE_PATTERN}:
            check_name(node.value, node.mark, faults, reverse=self._pattern == REVERSE_PATTERN)
            return False
        expected = self._expected if self._is_described else Text(zh=self._pattern, en=self._pattern)
        message = Text(zh=f"{clip(node.text)} 的写法不对", en=f"{clip(node.text)} is not written as it should be")
        hint = Text(zh=f"应是{_spaced(expected.zh)}", en=f"expected {expected.en}") if expected else Text()
        faults.add("MALFORMED", message, node.mark, hint=hint)
        return False

    def count(self, node: Node, low: int, high: int | None, faults: Faults) -> bool:
        """Too few or too many items."""
        if not node.value:
            return self.empty(node, faults)
        most = f"–{high}" if high is not None else "+"
        message = Text(zh=f"列表应有 {low}{most} 项", en=f"the list must have {low}{most} items")
        faults.add("OUT_OF_RANGE", message, node.mark)
        return False

    def twice(self, node: Node, faults: Faults) -> bool:
        """An item given twice."""
        message = Text(zh=f"{clip(node.text)} 在列表中重复", en=f"{clip(node.text)} is in the list twice")
        faults.add("DUPLICATE_ITEM", message, node.mark)
        return False

    def too_few(self, node: Node, faults: Faults) -> bool:
        """A map without entries."""
        return self.empty(node, faults)

    def bad_key(self, key: str, child: Node, faults: Faults) -> bool:
        """An entry whose name is none."""
        if check_name(key, child.key_mark, faults):
            message = Text(zh=f"名称 {clip(key)} 不合规则", en=f"{clip(key)} is not a valid name here")
            faults.add(
                "BAD_NAME",
                message,
                child.key_mark,
                hint=Text(zh="如 opportunity.amount", en="such as opportunity.amount"),
            )
        return False

    def unknown_key(self, key: str, child: Node, node: Node, known: list[str], faults: Faults) -> bool:
        """A key of ``node`` that means nothing here; the first one of a map whose keys are kinds names a kind. Where packs lie over one
        another it may come from one whose ``type`` is another: then that is said, at the type or the option of the pack above."""
        if self._kind and child.parent is not None and next(iter(child.parent.map), key) == key:
            return self._unknown_kind(key, child.key_mark, known, faults)
        type_ = node.map.get("type")
        if type_ is not None and type_.mark.file != child.mark.file and child.parent is not None:
            below = child.parent.map.get("type")
            if below is not None and below.text != type_.text:
                return self._other_type(key, below, type_, faults)
            message = Text(
                zh=f"未知的键 {clip(key)}：下层（{_place(type_)}）中它的类型是 {clip(type_.text)}",
                en=f"unknown key {clip(key)}: below, at {_place(type_)}, its type is {clip(type_.text)}",
            )
        else:
            message = Text(zh=f"未知的键 {clip(key)}", en=f"unknown key {clip(key)}")
        faults.add("UNKNOWN_KEY", message, child.key_mark, hint=offered(key, known))
        return False

    def _other_type(self, key: str, below: Node, type_: Node, faults: Faults) -> bool:
        """Two packs give one name two types: the pack below has come to have it, or the one above changes its type."""
        name = clip(type_.parent.key) if type_.parent is not None else ""
        message = Text(
            zh=f"下层已有 {name}（{_place(below)}），类型是 {clip(below.text)}，不是 {clip(type_.text)}",
            en=f"{name} is there already, below at {_place(below)}: its type is {clip(below.text)}, not {clip(type_.text)}",
        )
        hint = Text(
            zh=f"若是两回事，请在升级下层之前给上层的换个名字（写 was: {name}，数据保留）；若要改变下层的类型，请写 {clip(key)}: {{remove: true}} 等去掉不适用的选项",
            en=f"if they are two things, rename the one above before the pack below is upgraded (was: {name} keeps its data); "
            f"to change the type below take away the options that don't fit, as {clip(key)}: {{remove: true}}",
        )
        faults.add("TYPE_DIFFERS", message, type_.mark, hint=hint)
        return False

    def missing(self, key: str, node: Node, faults: Faults) -> bool:
        """A key that must be there."""
        message = Text(zh=f"缺少 {key}", en=f"{key} is missing")
        faults.add("MISSING_KEY", message, node.key_mark)
        return False

    def unknown_type(self, node: Node, known: Iterable[str], faults: Faults) -> bool:
        """A field type that there is not; or another kind, where the schema says which."""
        name = clip(node.value)
        if self._kind:
            return self._unknown_kind(node.value, node.mark, list(known), faults)
        message = Text(zh=f"未知的字段类型 {name}", en=f"unknown field type {name}")
        names = list(known)
        hint = near_miss(node.value, names) or Text(zh="可用：" + ", ".join(names), en="one of: " + ", ".join(names))
        faults.add("UNKNOWN_TYPE", message, node.mark, hint=hint)
        return False

    def one_only(self, given: Sequence[str], node: Node, faults: Faults) -> bool:
        """Keys of which only one may be there."""
        listed = Text(zh="、".join(given), en=", ".join(given))
        message = Text(zh=f"{listed.zh} 只能写一个", en=f"only one of {listed.en} may be given")
        faults.add("ONE_ONLY", message, node.map[given[1]].key_mark)
        return False

    def none_of(self, names: Sequence[str], node: Node, faults: Faults) -> bool:
        """Keys of which one must be there."""
        listed = Text(zh=_listed(names, " 或 "), en=_listed(names, " or "))
        faults.add("MISSING_KEY", Text(zh=f"缺少 {listed.zh}", en=f"{listed.en} is missing"), node.key_mark)
        return False

    def _unknown_kind(self, name: str, mark: Mark, known: Sequence[str], faults: Faults) -> bool:
        what, shown = self._kind, clip(name)
        message = Text(zh=f"没有{what['zh']} {shown}", en=f"there is no {what['en']} {shown}")
        listed = ", ".join(known)
        hint = near_miss(name, known) or Text(zh="可用：" + listed, en="one of: " + listed)
        faults.add(what["code"], message, mark, hint=hint)
        return False

    @staticmethod
    def cut(entries: Mapping[str, Node], faults: Faults) -> None:
        """An expression cut off at a comma or colon inside a flow map."""
        node = cut_value(entries)
        message = Text(
            zh=f"表达式被 YAML 截断：{clip(node.text)}", en=f"an expression is cut off by YAML: {clip(node.text)}"
        )
        faults.add("EXPR_CUT", message, node.mark, hint=_QUOTE)

    @staticmethod
    def expression(node: Node, faults: Faults) -> bool:
        """Where an expression stands: it takes no sign, and is whole."""
        text = node.text
        if text.startswith("="):
            message = Text(zh="这里本来就是表达式，不用写 =", en="this is an expression by nature and takes no =")
            faults.add("EXPR_SIGN", message, node.mark, hint=Text(zh="去掉开头的 =", en="leave the = out"))
            return False
        if node.plain and isinstance(node.value, str) and is_open(text):
            message = Text(zh=f"表达式被 YAML 截断：{clip(text)}", en=f"an expression is cut off by YAML: {clip(text)}")
            faults.add("EXPR_CUT", message, node.mark, hint=_QUOTE)
            return False
        return True


def _spaced(text: str) -> str:
    """Put a space between Chinese and what is not."""
    return f" {text}" if text[:1].isascii() else text
