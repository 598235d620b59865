"""The grammar: from text to tree, and never more than a fault, whatever the text.

Loosest to tightest: ``or`` · ``and`` · ``not`` · comparisons and ``in`` (not chained) · ``&`` · ``+ -`` · ``* /`` · ``^`` · unary ``-``.
"""

from __future__ import annotations

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.lexer import Token, read_tokens
from metamodel.expressions.tree import Binary, Call, InList, Literal, Name, Tree, Unary
from metamodel.text import Text

DEEPEST = 64  # nested brackets, as in Excel
DEEPEST_TREE = 100  # nested operations of any kind; a chain of one level counts once
DEEPEST_READING = 150  # operands within operands while reading: two stack frames each
LONGEST_CHAIN = 400  # operators of one level in a row
NOT_POWER, COMPARISON_POWER = 3, 4
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
POWERS = {
    "or": 1, "and": 2, "in": COMPARISON_POWER, "not": COMPARISON_POWER, **dict.fromkeys(COMPARISONS, COMPARISON_POWER),
    "&": 5, "+": 6, "-": 6, "*": 7, "/": 7, "^": 8,
}  # fmt: skip


def parse_expression(text: str) -> Tree:
    """Read ``text``. Raises ExpressionFault, the first one found, for anything that is no expression."""
    parser = _Parser(text, read_tokens(text))
    if parser.token.kind == "end":
        message = Text(zh="表达式是空的", en="The expression is empty")
        raise ExpressionFault("EXPR_EMPTY", message, 0, len(text), at_end=True)
    tree = parser.read(0)
    if parser.token.kind != "end":
        raise parser.unexpected()
    _refuse_depth(tree)
    return tree


def same_level(tree: Tree, left: Tree) -> bool:
    """Whether ``left``, the left side of ``tree``, belongs to the same chain, which every walker goes along in a loop."""
    if not (isinstance(tree, Binary) and isinstance(left, Binary)):
        return False
    return POWERS[tree.operator] == POWERS[left.operator]


def children(tree: Tree) -> tuple[Tree, ...]:
    """Return what ``tree`` is made of."""
    if isinstance(tree, Binary):
        return (tree.left, tree.right)
    if isinstance(tree, Unary):
        return (tree.operand,)
    if isinstance(tree, InList):
        return (tree.operand, *tree.items)
    return tree.arguments if isinstance(tree, Call) else ()


def _refuse_depth(tree: Tree) -> None:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > DEEPEST_TREE:
            raise _too_deep(node.start, node.end)
        waiting += [(child, depth + (not same_level(node, child))) for child in children(node)]


def _too_deep(start: int, end: int) -> ExpressionFault:
    message = Text(zh=f"嵌套太深：括号最多 {DEEPEST} 层", en=f"Nested too deeply: at most {DEEPEST} brackets")
    return ExpressionFault("EXPR_TOO_DEEP", message, start, end)


class _Parser:
    """Precedence climbing over the tokens; ``depth`` counts brackets and signs, so that no text exhausts the stack."""

    def __init__(self, text: str, tokens: list[Token]) -> None:
        self.text = text
        self.tokens = tokens
        self.position = 0
        self.depth = 0
        self.reading = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def accept(self, text: str) -> bool:
        """Take the token if it is this keyword or symbol."""
        found = self.token.kind in {"symbol", "keyword"} and self.token.text == text
        self.position += found
        return found

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise self.unexpected(text)

    def read(self, least: int) -> Tree:
        """Read an operand and every operator after it that binds at least as tightly as ``least``."""
        self.reading += 1
        if self.reading > DEEPEST_READING:
            raise _too_deep(self.token.start, self.token.end)
        left = self._read_not() if least <= NOT_POWER and self._at_not() else self._read_operand()
        power, count = 0, 0
        while (token := self.token).kind in {"symbol", "keyword"} and (next_power := POWERS.get(token.text, 0)) > 0:
            if next_power < least:
                break
            if next_power == COMPARISON_POWER == power:
                raise self.unexpected()
            count = count + 1 if next_power == power else 1
            if count > LONGEST_CHAIN:
                message = Text(
                    zh=f"连续的运算太多：最多 {LONGEST_CHAIN} 个", en=f"Over {LONGEST_CHAIN} operators in a row"
                )
                raise ExpressionFault("EXPR_TOO_LONG", message, token.start, token.end)
            power = next_power
            left = self._read_infix(left, token, power)
        self.reading -= 1
        return left

    def _read_infix(self, left: Tree, token: Token, power: int) -> Tree:
        self.position += 1
        if token.text in {"in", "not"}:
            if token.text == "not":
                self.expect("in")
            self.expect("(")
            items = self._read_arguments(least=1)
            return InList(left.start, self.tokens[self.position - 1].end, left, items, negated=token.text == "not")
        right = self.read(power + 1)
        return Binary(left.start, right.end, token.text, left, right)

    def _at_not(self) -> bool:
        token, following = self.token, self.tokens[min(self.position + 1, len(self.tokens) - 1)]
        called = following.text == "(" and following.start == token.end
        return token.kind == "keyword" and token.text == "not" and not called

    def _read_not(self) -> Tree:
        start = self.token.start
        self.position += 1
        self._enter()
        operand = self.read(NOT_POWER)
        self.depth -= 1
        return Unary(start, operand.end, "not", operand)

    def _read_operand(self) -> Tree:
        token = self.token
        if token.kind == "symbol" and token.text in {"-", "+"}:
            self.position += 1
            self._enter()
            operand = self._read_operand()
            self.depth -= 1
            return Unary(token.start, operand.end, token.text, operand)
        if token.kind == "literal":
            self.position += 1
            return Literal(token.start, token.end, token.value, token.is_text)
        if token.kind == "name" or (token.kind == "keyword" and token.text != "in"):
            return self._read_word()
        if self.accept("("):
            self._enter()
            tree = self.read(0)
            self.expect(")")
            self.depth -= 1
            return tree
        raise self.unexpected()

    def _read_word(self) -> Tree:
        token = self.token
        self.position += 1
        if self.accept("("):
            arguments = self._read_arguments(least=0)
            return Call(token.start, self.tokens[self.position - 1].end, token.text.upper(), arguments, token.end)
        if token.kind == "keyword":
            self.position -= 1
            raise self.unexpected()
        parts, end = [token.text], token.end
        while self.accept("."):
            part = self.token
            if part.kind not in {"name", "keyword"} and not (part.kind == "literal" and part.text.isalpha()):
                raise self.unexpected()
            self.position += 1
            parts.append(part.text)
            end = part.end
        return Name(token.start, end, tuple(parts))

    def _read_arguments(self, least: int) -> tuple[Tree, ...]:
        """Read what stands in brackets, the opening one already taken."""
        if least == 0 and self.accept(")"):
            return ()
        self._enter()
        items = [self.read(0)]
        while not self.accept(")"):
            if not self.accept(","):
                raise self.unexpected(")")
            items.append(self.read(0))
        self.depth -= 1
        return tuple(items)

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise _too_deep(self.token.start, self.token.end)

    def unexpected(self, wanted: str = "") -> ExpressionFault:
        """Return the fault for the token that stands where it can't."""
        token = self.token
        if token.kind == "end":
            what = Text(zh="表达式没有写完", en="The expression is not finished")
            hint = Text(zh=f"还缺“{wanted}”", en=f"“{wanted}” is missing") if wanted else Text()
            return ExpressionFault("EXPR_UNFINISHED", what, token.start, token.end, hint, at_end=True)
        shown = self.text[token.start : token.end]
        shown = shown if len(shown) <= 40 else shown[:40] + "…"
        hint = self._hint(token) or (Text(zh=f"应当是 {wanted}", en=f"expected {wanted}") if wanted else Text())
        message = Text(zh=f"这里不能是 {shown}", en=f"{shown} cannot stand here")
        return ExpressionFault("EXPR_SYNTAX", message, token.start, token.end, hint)

    def _hint(self, token: Token) -> Text:
        before = self.tokens[self.position - 1] if self.position else None
        if token.text in COMPARISONS and before is not None and before.text in COMPARISONS:
            return Text(zh="等于写 =，不等于写 <>", en="equal is =, unequal is <>")
        if token.text in COMPARISONS:
            return Text(zh="比较不能连写，请用 and 连接", en="comparisons do not chain: join them with and")
        if token.text == "not":
            return Text(zh="请给 not 部分加括号", en="put the part with not into brackets")
        if token.kind in {"name", "literal"} and before is not None and before.kind in {"name", "literal"}:
            return Text(zh="前面缺少运算符或逗号", en="an operator or comma is missing before it")
        return Text()
