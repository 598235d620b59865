"""The state of one check: the scopes names are looked up in, what was read, and the faults found. The rules lie in the modules beside it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from metamodel.expressions.faults import ExpressionFault
from metamodel.expressions.members import members_of
from metamodel.expressions.typed import Depends, Path, RowsRead, Typed
from metamodel.expressions.types import SEVERAL, UNKNOWN, Base, Type
from metamodel.faults import near_miss
from metamodel.names import SYSTEM_FIELDS
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from metamodel.expressions.scope import Root, Scope
    from metamodel.expressions.signatures import FunctionLike
    from metamodel.expressions.tree import Call, Name, Node, Tree

RECORDS = ("record", "parent")
NEEDING_ROOTS = frozenset({"me", "old"})


@dataclass(slots=True)
class Frame:
    """The record that bare names are read in: the outermost one, or the rows of an aggregate."""

    objects: tuple[str, ...]
    rows_path: tuple[str, ...] = ()
    paths: set[tuple[str, ...]] = field(default_factory=set)
    rows: list[RowsRead] = field(default_factory=list)

    def read(self) -> RowsRead:
        """Return what was read in this frame."""
        return RowsRead(self.rows_path, self.objects, tuple(sorted(self.paths)), merged(self.rows))


def merged(reads: Iterable[RowsRead]) -> tuple[RowsRead, ...]:
    """Return one reading for each path, with everything that any of them reads."""
    found: dict[tuple[str, ...], RowsRead] = {}
    for read in reads:
        other = found.get(read.path, read)
        paths = tuple(sorted({*other.paths, *read.paths}))
        rows = merged([*other.rows, *read.rows]) if other is not read else read.rows
        found[read.path] = RowsRead(read.path, read.objects, paths, rows)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Found:
    """A name resolved: its value's type, the frame it is read in (by level), and for rows the part of the path behind them."""

    path: tuple[str, ...]
    type: Type
    level: int
    rest: tuple[str, ...] = ()
    root: bool = False


class Checking:
    """One check under way."""

    def __init__(
        self,
        text: str,
        scope: Scope,
        functions: Mapping[str, FunctionLike],
        infer: Callable[[Checking, Tree], Typed | None],
    ) -> None:
        self.text = text
        self.scope = scope
        self.functions = functions
        self.faults: list[ExpressionFault] = []
        self.needs: set[str] = set()
        self.roots: set[str] = set()
        self.picks: list[RowsRead] = []
        self.frames = [Frame((scope.object,) if scope.object else ())]
        self.row_prefix: tuple[tuple[str, ...], int] | None = None  # while reading an aggregate's first argument
        self._infer = infer

    def infer(self, tree: Tree) -> Typed | None:
        """Check a part; None where it has a fault, which is noted."""
        return self._infer(self, tree)

    def fault(self, code: str, node: Node, message: Text, hint: Text | None = None, severity: str = "error") -> None:
        """Note a fault at ``node``; returns None so that a rule can end with it."""
        self.faults.append(ExpressionFault(code, message, node.start, node.end, hint or Text(), severity))

    def faults_at_name(self, call: Call, message: Text, hint: Text) -> None:
        """Note an unknown function at its name."""
        self.faults.append(ExpressionFault("EXPR_UNKNOWN_FUNCTION", message, call.start, call.name_end, hint))

    def follow(self, from_: Path, member: str, type_: Type) -> Path:
        """Return the path that goes on from another one by ``member``."""
        path = (*from_.path, member)
        self.note(path, from_.level, root=from_.root)
        return Path(path, type_, from_.level, from_.root)

    def owner_of(self, path: Path) -> tuple[str, str] | None:
        """Return the object and the name of the field that ``path`` ends in."""
        objects, names = self.frames[len(self.frames) - 1 - path.level].objects, list(path.path)
        root = self.scope.names.get(names[0]) if path.root else None
        if isinstance(root, Type):
            objects, names = root.objects, names[1:]
        for name in names[:-1]:
            member = self._members(objects).get(name)
            objects = member.objects if member is not None else ()
        return (objects[0], names[-1]) if objects and names else None

    def shown(self, node: Node) -> str:
        """Return the text of ``node`` for a message."""
        text = self.text[node.start : node.end]
        return text if len(text) <= 60 else text[:59] + "…"

    def depends(self) -> Depends:
        """Return what was read, over the whole expression."""
        read = self.frames[0].read()
        return Depends(read.paths, read.rows, frozenset(self.needs), frozenset(self.roots), merged(self.picks))

    # Names

    def read_name(self, node: Name) -> Typed | None:
        """Resolve a name used as a value."""
        found = self.find(node)
        if found is None:
            return None
        if found.type.base in SEVERAL:
            if self.row_prefix is not None and self.row_prefix == (found.path, found.level):
                return self._row_value(node, found)
            self.fault(
                "EXPR_ROWS",
                node,
                Text(
                    zh=f"{self.shown(node)} 是多条记录，不是一个值",
                    en=f"{self.shown(node)} is many records, not one value",
                ),
                Text(zh="请用 SUM、COUNT、MAX 等汇总", en="sum them up: SUM, COUNT, MAX …"),
            )
            return None
        if found.type == UNKNOWN:
            return None  # that is told where the name is defined
        level = found.level + (self.row_prefix is not None)
        self.note(found.path, level, root=found.root)
        return Path(found.path, found.type, level, found.root)

    def _row_value(self, node: Name, found: Found) -> Typed | None:
        """Resolve what stands behind the rows, in the frame of the aggregate that is being read (the innermost one)."""
        if not found.rest:
            self.fault(
                "EXPR_ROWS",
                node,
                Text(zh=f"要汇总 {self.shown(node)} 的哪个字段？", en=f"Which field of {self.shown(node)} is meant?"),
                Text(zh=f"例如 {self.shown(node)}.amount", en=f"for example {self.shown(node)}.amount"),
            )
            return None
        inner = self._walk(node, found.rest, self._members(found.type.objects), found.type.objects, 0)
        if inner is None:
            return None
        if inner.type.base in SEVERAL:
            self.fault("EXPR_ROWS", node, Text(zh="不能汇总记录的记录", en="Rows of rows cannot be summed up"))
            return None
        if inner.type == UNKNOWN:
            return None
        self.note(inner.path, 0)
        return Path(inner.path, inner.type, 0)

    def note(self, path: tuple[str, ...], level: int, *, root: bool = False) -> None:
        """Note that ``path`` is read so many frames out."""
        self.frames[len(self.frames) - 1 - level].paths.add(path)
        if root:
            self.note_root(path[0])

    def note_root(self, name: str) -> None:
        """Note that something is read of a root."""
        self.roots.add(name)
        self.needs |= {name} & NEEDING_ROOTS

    def find(self, node: Name, *, quiet: bool = False) -> Found | None:
        """Resolve a name to where it is read; stops at the first rows on the way. Frames that are being summed up are left out."""
        skip = 1 if self.row_prefix is not None else 0
        frames = self.frames[: len(self.frames) - skip]
        inner, depth, path = frames[-1], len(frames) - 1, node.path
        if depth and path[0] == "parent" and len(path) > 1:
            outer = frames[-2]
            return self._walk(node, path[1:], self._members(outer.objects), outer.objects, 1, quiet=quiet)
        members = self._members(inner.objects)
        root = self.scope.names.get(path[0])
        if root is not None and (not depth or path[0] not in members):
            return self._walk_root(node, root, depth, quiet=quiet)
        outer_names = self._members(frames[0].objects) if depth else {}
        return self._walk(node, path, members, inner.objects, 0, quiet=quiet, outer=outer_names)

    def _walk_root(self, node: Name, root: Root, level: int, *, quiet: bool) -> Found | None:
        path = node.path
        if isinstance(root, Type):
            gone = self._go(node, path, 1, root, level, quiet=quiet)
            return gone and replace(gone, root=True)
        if len(path) == 1:
            hint = Text(
                zh=f"例如 {path[0]}.{next(iter(root), 'x')}", en=f"for example {path[0]}.{next(iter(root), 'x')}"
            )
            message = Text(zh=f"{path[0]} 本身不是值", en=f"{path[0]} is no value itself")
            if not quiet:
                self.fault("EXPR_TYPE", node, message, hint)
            return None
        found = self._walk(node, path[1:], root, (), level, quiet=quiet)
        return found and Found((path[0], *found.path), found.type, level, found.rest, root=True)

    def _walk(
        self,
        node: Name,
        path: tuple[str, ...],
        members: Mapping[str, Type],
        objects: tuple[str, ...],
        level: int,
        *,
        quiet: bool = False,
        outer: Iterable[str] = (),
    ) -> Found | None:
        member = members.get(path[0])
        if member is None:
            if not quiet:
                self._unknown(node, path[0], members, objects, outer)
            return None
        return self._go(node, path, 1, member, level, quiet=quiet)

    def _go(self, node: Name, path: tuple[str, ...], at: int, type_: Type, level: int, *, quiet: bool) -> Found | None:
        """Follow ``path`` from position ``at``, where ``type_`` has been reached."""
        while at < len(path):
            if type_.base in SEVERAL:
                return Found(path[:at], type_, level, path[at:])
            if type_.base is Base.ANY:
                return Found(path, type_, level)
            if type_.base is not Base.LINK:
                name = path[at - 1]
                message = Text(
                    zh=f"{name} 不是关联，后面不能再跟 .{path[at]}",
                    en=f"{name} is no link: .{path[at]} cannot follow it",
                )
                if not quiet:
                    self.fault("EXPR_NOT_A_LINK", node, message)
                return None
            members = self._members(type_.objects)
            following = members.get(path[at])
            if following is None:
                if not quiet:
                    self._unknown(node, path[at], members, type_.objects, ())
                return None
            type_, at = following, at + 1
        return Found(path, type_, level)

    def _members(self, objects: tuple[str, ...]) -> Mapping[str, Type]:
        """Return the members that all of ``objects`` offer with one kind of type."""
        return members_of(self.scope.schema, objects)

    def _unknown(
        self, node: Name, name: str, members: Mapping[str, Type], objects: tuple[str, ...], outer: Iterable[str]
    ) -> None:
        if name in RECORDS and name == node.path[0] and len(node.path) > 1:
            hint = self._other_record(name, node.path[1:], members)
        elif name in outer:
            hint = Text(
                zh=f"上级记录的字段请写 parent.{name}", en=f"the field of the record above is written parent.{name}"
            )
        elif f"{name.upper()}" in self.functions and len(node.path) == 1:
            hint = Text(zh=f"函数要带括号：{name.upper()}()", en=f"a function takes brackets: {name.upper()}()")
        else:
            known = [*members, *self.scope.names] if name == node.path[0] else list(members)
            hint = near_miss(name, known) or near_miss(name.lower(), known)
            if not hint and len(node.path) == 1 and not members and not self.scope.names:
                hint = Text(zh=f'文本请写 "{name}"', en=f'a text is written "{name}"')
        where_zh = f"{'、'.join(objects)} 没有 {name}" if objects else f"没有名为 {name} 的字段"
        where_en = f"{', '.join(objects)} has no {name}" if objects else f"There is no field {name}"
        self.fault("EXPR_UNKNOWN_NAME", node, Text(zh=where_zh, en=where_en), hint)

    def _other_record(self, name: str, rest: tuple[str, ...], members: Mapping[str, Type]) -> Text:
        """Return how the record is written here that ``record.`` or ``parent.`` means elsewhere."""
        shown, about = ".".join(rest), self.scope.names.get("record")
        if name == "record" and len(self.frames) > 1:
            written = f"parent.{shown}"
        elif isinstance(about, Type) and rest[0] in self._members(about.objects):
            written = f"record.{shown}"
        elif rest[0] in members:
            written = shown
        else:
            links = (one for one, type_ in members.items() if type_.base is Base.LINK and one not in SYSTEM_FIELDS)
            written = next((f"{one}.{shown}" for one in links if rest[0] in self._members(members[one].objects)), "")
        if written:
            return Text(zh=f"这里请写 {written}", en=f"here it is written {written}")
        return Text(
            zh="parent. 只在汇总和 PICK 的条件里指外层记录，record. 只在筛选、规则与动作里指本记录",
            en="parent. is the record outside of an aggregate's or PICK's condition, record. the one that a filter, a rule or an action is about",
        )
