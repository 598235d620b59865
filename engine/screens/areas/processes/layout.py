"""Where states and transitions stand in a drawing: the open states in a row in their order, the ends in a column behind them, ways between
them as curves. Pure: from a definition to figures, without a word of markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metamodel.definitions.processes import ProcessDef, TransitionDef

    _Way = tuple[TransitionDef, str, str]

WIDTH, HEIGHT, GAP, EDGE = 150, 62, 96, 24  # of a node, between nodes, around all
LANE, END_GAP = 30, 22  # between parallel ways, between ends


@dataclass(frozen=True, slots=True)
class Node:
    """A state in the drawing, its upper left corner."""

    name: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A way: its path (SVG), and where its name stands. ``kind``: next, jump, back, end, any (from every open state: ``source`` is empty)."""

    transition: str
    source: str
    target: str
    path: str
    x: int
    y: int
    kind: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A process laid out. ``apart``: transitions that are told in words alone, because they lead from anywhere to anywhere."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    apart: tuple[str, ...]


def lay_out(process: ProcessDef) -> Drawing:
    """Return the drawing of a process."""
    line = [name for name, state in process.states.items() if not state.final]
    ends = [name for name, state in process.states.items() if state.final]
    jumps, backs, others = _sorted(process, line)
    top = EDGE + LANE * len(jumps)
    column = len(ends) * HEIGHT + max(0, len(ends) - 1) * END_GAP
    middle = top + max(HEIGHT, column) // 2
    y = middle - HEIGHT // 2
    nodes = {name: Node(name, EDGE + place * (WIDTH + GAP), y) for place, name in enumerate(line)}
    right = EDGE + len(line) * (WIDTH + GAP)
    first = middle - column // 2
    nodes |= {name: Node(name, right, first + place * (HEIGHT + END_GAP)) for place, name in enumerate(ends)}
    below = max(y + HEIGHT, first + column)
    edges: list[Edge] = []
    apart: list[str] = []
    for way, source, target in others:
        if target == "":
            apart.append(way.name)
        else:
            edges.append(_straight(way, nodes[source], nodes[target], process))
    edges += [
        _arc(way, nodes[a], nodes[b], y - LANE * (place + 1) + 6, up=True) for place, (way, a, b) in enumerate(jumps)
    ]
    lanes = 0
    for way, source, target in backs:
        lanes += 1
        edges.append(_arc(way, nodes[source], nodes[target], below + LANE * lanes - 8, up=False))
    for way in _from_anywhere(process, line):
        if way.to in nodes:
            lanes += 1
            edges.append(_bus(way, [nodes[name] for name in line], nodes[way.to], below + LANE * lanes - 4))
    width = right + (WIDTH if ends else 0) + EDGE * 2
    return Drawing(width, below + LANE * (lanes + 1), tuple(nodes.values()), tuple(edges), tuple(apart))


def _from_anywhere(process: ProcessDef, line: list[str]) -> list[TransitionDef]:
    return [way for way in process.transitions.values() if not way.choose and _is_from_anywhere(process, way, line)]


def _is_from_anywhere(process: ProcessDef, way: TransitionDef, line: list[str]) -> bool:
    return len(line) > 1 and set(process.sources_of(way)) >= set(line)


def _sorted(process: ProcessDef, line: list[str]) -> tuple[list[_Way], list[_Way], list[_Way]]:
    """Return the ways that jump ahead, those that lead back, and the others (an empty target: to be told in words)."""
    jumps: list[_Way] = []
    backs: list[_Way] = []
    others: list[_Way] = []
    for way in process.transitions.values():
        if way.choose:
            others.append((way, "", ""))
            continue
        if _is_from_anywhere(process, way, line):
            continue
        for source in process.sources_of(way):
            if source not in line:
                (backs if way.to in line else others).append((way, source, way.to))
            elif way.to not in line:
                (others if source == line[-1] else backs).append((way, source, way.to))
            else:
                step = line.index(way.to) - line.index(source)
                (others if step == 1 else jumps if step > 1 else backs).append((way, source, way.to))
    return jumps, backs, others


def _straight(way: TransitionDef, source: Node, target: Node, process: ProcessDef) -> Edge:
    x1, y1, x2, y2 = source.x + WIDTH, source.y + HEIGHT // 2, target.x, target.y + HEIGHT // 2
    half = (x1 + x2) // 2
    path = f"M{x1} {y1}L{x2 - 6} {y2}" if y1 == y2 else f"M{x1} {y1}C{half} {y1} {half} {y2} {x2 - 6} {y2}"
    kind = "end" if process.states[target.name].final else "next"
    return Edge(way.name, source.name, target.name, path, half, (y1 + y2) // 2 - 8, kind)


def _arc(way: TransitionDef, source: Node, target: Node, lane: int, *, up: bool) -> Edge:
    """Return a way around the nodes between: over them or beneath."""
    shift = 14 if up else -14
    x1, x2 = source.x + WIDTH // 2 + shift, target.x + WIDTH // 2 - shift
    y1, y2 = (source.y, target.y) if up else (source.y + HEIGHT, target.y + HEIGHT)
    bend = 10 if x2 > x1 else -10
    end = y2 - 6 if up else y2 + 6
    path = (
        f"M{x1} {y1}V{lane}"
        if abs(x1 - x2) < 20
        else f"M{x1} {y1}V{lane + (10 if up else -10)}Q{x1} {lane} {x1 + bend} {lane}H{x2 - bend}Q{x2} {lane} {x2} {lane + (10 if up else -10)}"
    )
    return Edge(way.name, source.name, target.name, f"{path}V{end}", (x1 + x2) // 2, lane - 6, "jump" if up else "back")


def _bus(way: TransitionDef, sources: list[Node], target: Node, lane: int) -> Edge:
    """Return a way from every open state: one line beneath them all, up to its end."""
    x2, y2 = target.x + WIDTH // 2, target.y + HEIGHT
    path = "".join(f"M{one.x + WIDTH // 2} {one.y + HEIGHT}V{lane}" for one in sources)
    first = sources[0].x + WIDTH // 2
    return Edge(
        way.name,
        "",
        target.name,
        f"{path}M{first} {lane}H{x2 - 10}Q{x2} {lane} {x2} {lane - 10}V{y2 + 6}",
        (sources[-1].x + WIDTH // 2 + x2) // 2,
        lane - 6,
        "any",
    )
