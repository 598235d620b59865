"""YAML 1.2 core to a located tree, from the parser's events: our own resolver, duplicate keys, limits. Recursion-free, so that
no nesting exhausts the stack."""

from __future__ import annotations

import re
from typing import Any

import yaml

from metamodel.nodes import Node
from metamodel.source_fast import compose_fast
from metamodel.source_limits import (
    DEEPEST,
    FORBIDDEN,
    LONGEST_KEY,
    MOST_NODES,
    Found,
    SourceFault,
    clip,
    duplicate_key,
    fail,
    plain_value,
    too_deep,
    too_many,
)
from metamodel.text import Text

_SCALAR, _ALIAS = yaml.ScalarEvent, yaml.AliasEvent
_MAP, _LIST = yaml.MappingStartEvent, yaml.SequenceStartEvent
_QUOTES = frozenset({"'", '"'})
_MAP_END, _LIST_END = yaml.MappingEndEvent, yaml.SequenceEndEvent


def _parser(text: str) -> Any:
    """Return libyaml's parser, or PyYAML's own where the wheel came without it."""
    compiled = getattr(yaml, "CSafeLoader", None)
    return (compiled or yaml.SafeLoader)(text)


def parse_yaml(text: str) -> Node:
    """Return the root of the only document in ``text``. Raises SourceFault."""
    fast = compose_fast(text)
    return fast if fast is not None else parse_slowly(text)


def parse_slowly(text: str) -> Node:
    """Return the root as ``parse_yaml`` does, event by event: with every limit and every fault. Raises SourceFault."""
    try:
        return _Composer(_parser(text)).compose()
    except yaml.MarkedYAMLError as error:
        raise _syntax(error, text) from None
    except yaml.YAMLError as error:
        message = Text(zh="YAML 无法读取", en="the YAML can't be read")
        raise fail("YAML_SYNTAX", message, 1, 1, Text(en=clip(str(error)), zh=clip(str(error)))) from None


class _Composer:
    """Builds the tree. ``keys`` holds, for each open map, the key node that waits for its value."""

    def __init__(self, parser: Any) -> None:
        self._parser = parser
        self._found: list[Found] = []
        self._anchors: dict[str, Node] = {}
        self._open: list[Node] = []
        self._keys: list[tuple[str, int, int] | None] = []
        self._count = 0
        self._root: Node | None = None

    def compose(self) -> Node:
        """Pull all events and return the root. Raises SourceFault with all that was found."""
        documents = 0
        while True:
            event = self._parser.get_event()
            kind = type(event)
            if kind is _SCALAR:
                self._scalar(event)
            elif kind is _MAP or kind is _LIST:
                self._start(event, {} if kind is _MAP else [])
            elif kind is _MAP_END or kind is _LIST_END:
                self._open.pop()
                self._keys.pop()
            elif kind is _ALIAS:
                self._alias(event)
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                self._directives(event, documents)
            elif event is None or kind is yaml.StreamEndEvent:
                break
        if self._found:
            raise SourceFault(*self._found)
        if self._root is None:
            raise fail("EMPTY_FILE", Text(zh="文件是空的", en="the file is empty"), 1, 1)
        return self._root

    def _directives(self, event: Any, documents: int) -> None:
        line = event.start_mark.line + 1
        if documents > 1:
            message = Text(zh="一个文件只能有一个 YAML 文档", en="a file holds one YAML document")
            raise fail("MANY_DOCUMENTS", message, line, 1)
        if event.tags:
            raise fail("YAML_TAG", Text(zh="不支持 %TAG", en="%TAG is not supported"), line, 1)

    def _scalar(self, event: Any) -> None:
        mark = event.start_mark
        line, column, text = mark.line + 1, mark.column + 1, event.value
        plain = event.implicit[0]
        if event.style == '"' and FORBIDDEN.search(text):  # written with an escape such as "\\0"
            message = Text(zh="文本中有控制字符", en="a control character in a text")
            raise fail("CONTROL_CHARACTER", message, line, column)
        if event.tag is not None:
            self._refuse_tag(event.tag, line, column)
        waiting = self._open and isinstance(self._open[-1].value, dict) and self._keys[-1] is None
        if waiting:
            self._key(text, line, column, plain=plain)
            return
        value = plain_value(text, line, column) if plain else text
        node = Node(value, line, column, raw="" if value is text else text, plain=plain, flow=event.style in _QUOTES)
        self._place(node, event.anchor)

    def _key(self, text: str, line: int, column: int, *, plain: bool) -> None:
        if plain and text == "<<":
            message = Text(zh="不支持合并键 <<", en="merge keys << are not supported")
            raise fail("MERGE_KEY", message, line, column)
        if len(text) > LONGEST_KEY:
            message = Text(zh="键超过 {most} 个字符", en="a key longer than {most} characters").format(most=LONGEST_KEY)
            raise fail("KEY_TOO_LONG", message, line, column)
        self._keys[-1] = (text, line, column)

    def _start(self, event: Any, value: dict[str, Node] | list[Node]) -> None:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        if event.tag is not None:
            self._refuse_tag(event.tag, line, column)
        if self._open and isinstance(self._open[-1].value, dict) and self._keys[-1] is None:
            message = Text(zh="键必须是文本", en="a key must be text")
            raise fail("BAD_KEY", message, line, column, _BRACE_HINT)
        if len(self._open) >= DEEPEST:
            raise too_deep(line, column)
        node = Node(value, line, column, flow=bool(event.flow_style))
        self._place(node, event.anchor)
        self._open.append(node)
        self._keys.append(None)

    def _place(self, node: Node, anchor: str | None) -> None:
        self._count += 1
        if self._count > MOST_NODES:
            raise too_many(node.line, node.column)
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        node.parent = parent
        holder = parent.value
        if isinstance(holder, list):
            node.key = str(len(holder))
            holder.append(node)
            return
        key, line, column = self._keys[-1] or ("", node.line, node.column)
        self._keys[-1] = None
        node.key, node.key_line, node.key_column = key, line, column
        if key in holder:
            self._found.append(duplicate_key(key, line, column, holder[key].key_line, node.key_mark.path))
            return
        holder[key] = node

    def _alias(self, event: Any) -> None:
        mark = event.start_mark
        line, column = mark.line + 1, mark.column + 1
        target = self._anchors.get(event.anchor)
        if target is None or target in self._open:
            message = Text(zh="别名 *{name} 没有对应的锚点", en="no anchor for the alias *{name}")
            raise fail("BAD_ALIAS", message.format(name=clip(event.anchor)), line, column)
        if self._open and isinstance(self._open[-1].value, dict) and self._keys[-1] is None:
            raise fail("BAD_KEY", Text(zh="键不能是别名", en="a key can't be an alias"), line, column)
        self._place(self._duplicate(target, len(self._open)), None)

    def _duplicate(self, node: Node, depth: int) -> Node:
        """Copy a tree, counted against the limits: aliases are written out, so that every node has one parent."""
        self._count += 1
        if self._count > MOST_NODES:
            raise too_many(node.line, node.column)
        if depth > DEEPEST:
            raise too_deep(node.line, node.column)
        if isinstance(node.value, dict):
            twin = node.copy({key: self._duplicate(child, depth + 1) for key, child in node.value.items()})
            children = list(twin.value.values())
        elif isinstance(node.value, list):
            twin = node.copy([self._duplicate(child, depth + 1) for child in node.value])
            children = twin.value
        else:
            return node.copy(node.value)
        for child in children:
            child.parent = twin
        return twin

    @staticmethod
    def _refuse_tag(tag: str, line: int, column: int) -> None:
        message = Text(zh="不支持标签 {tag}", en="tags such as {tag} are not supported").format(tag=clip(tag))
        raise fail("YAML_TAG", message, line, column)


_BRACE_HINT = Text(zh="含有 { } [ ] 的文本请加引号", en="quote a text that holds { } [ ]")
_QUOTE_HINT = Text(
    zh='表达式或文本中含有 , : # { } [ ] " 时，请整体用单引号括起来',
    en="an expression or text with , : # { } [ ] \" must be quoted as a whole: '…'",
)
_EXPRESSION_KEY = re.compile(
    r"\b(?:when|require|where|filter|value|base|[a-z]+_when|default|score)\s*:\s*(?P<rest>[^'\"\s|>&*!%@`{\[][^'\n]*)"
)
_KNOWN = {
    "mapping values are not allowed in this context": "这里不能再出现“键: 值”",
    "mapping values are not allowed here": "这里不能再出现“键: 值”",
    "did not find expected key": "这里应当是一个键（检查缩进和引号）",
    "did not find expected ',' or '}'": "流式映射缺少 , 或 }",
    "did not find expected ',' or ']'": "流式列表缺少 , 或 ]",
    "did not find expected '-' indicator": "列表项应以 - 开头（检查缩进）",
    "did not find expected node content": "这里应当有一个值",
    "found character that cannot start any token": "这里有不能作为开头的字符（缩进只能用空格，不能用制表符）",
    "found unexpected end of stream": "引号或括号没有闭合",
    "could not find expected ':'": "键后面缺少冒号",
    "found unknown escape character": "双引号中的转义符无效",
    "found undefined alias": "别名没有对应的锚点",
    "did not find expected <document start>": "文档之后还有多余的内容",
}


def _syntax(error: yaml.MarkedYAMLError, text: str) -> SourceFault:
    """Say in both languages what the parser stumbled over; an expression cut off by YAML is recognised."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = error.problem or "syntax error"
    written = text.split("\n", line)[line - 1] if text.count("\n") >= line - 1 else ""
    found = _EXPRESSION_KEY.search(written, 0, max(column + 1, 1))
    if found and any(sign in found["rest"] for sign in '("{[:#'):
        message = Text(zh="表达式被 YAML 语法截断", en="an expression is cut off by YAML")
        return fail("EXPR_CUT", message, line, found.start("rest") + 1, _QUOTE_HINT)
    shown = _KNOWN.get(problem, "语法错误：" + problem)
    message = Text(zh=f"YAML {shown}", en=f"YAML: {problem}")
    hint = _QUOTE_HINT if "mapping values" in problem or "expected ','" in problem else Text()
    return fail("YAML_SYNTAX", message, line, column, hint)
