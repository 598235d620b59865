"""Faults that an overlay causes in the packs below it: moved to the overlay's own entry, since that is what is to be mended."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from metamodel.overlay import is_removal
from metamodel.text import Text

_WORD = re.compile(r"[a-z][a-z0-9_]*")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from metamodel.faults import Fault, Faults
    from metamodel.layers import Document, Layer
    from metamodel.nodes import Node


def blame_overlays(layers: Sequence[Layer], faults: Faults, check: Callable[[Sequence[Layer]], Faults]) -> Faults:
    """Return ``faults`` with those that a stack without overlays does not have moved to the overlay entries behind them.

    ``layers`` in stack order. ``check`` says the faults of a stack; it is asked only where a definition with overlays above it
    has errors.
    """
    home = {
        document.root.file: (at, document.kind, document.name)
        for at, layer in enumerate(layers)
        for document in (layer.pack, *layer.documents.values())
        if not document.extends
    }
    overlays = [
        (at, document) for at, layer in enumerate(layers) for document in layer.documents.values() if document.extends
    ]
    top = max((at for at, _ in overlays), default=-1)
    if not any(fault.severity == "error" and home.get(fault.mark.file, (top,))[0] < top for fault in faults):
        return faults
    bare = check([replace(one, documents=_definitions(one)) for one in layers])
    before = {(fault.mark, fault.code) for fault in bare}
    found = type(faults)()
    for fault in faults:
        below, *about = home.get(fault.mark.file, (top,))
        above = [one for at, one in reversed(overlays) if at > below]
        own = [one for one in above if [one.kind, one.name] == about]
        cause = _cause(above, own, fault) if above and (fault.mark, fault.code) not in before else None
        found.extend([fault if cause is None else _moved(fault, cause)])
    return found


def _definitions(layer: Layer) -> dict[str, Document]:
    return {path: document for path, document in layer.documents.items() if not document.extends}


def _cause(overlays: Sequence[Document], own: Sequence[Document], fault: Fault) -> Node | None:
    """Return the entry of an overlay that a fault comes from: one that takes away a name the fault speaks of, else the deepest one
    that touches its place (``own``: overlays over the faulty definition). Of several the topmost pack's counts."""
    words = set(_WORD.findall(fault.message.en))
    steps = fault.mark.path.split("/")
    touched = max((found for document in own for found in _along(document.root, steps)), key=_depth, default=None)
    gone = [
        (document, node)
        for document in overlays
        for node in document.root.walk()
        if is_removal(node) and node.key in words
    ]
    near = [node for _, node in gone if touched is not None and _is_below(node, touched[1])]
    mine = [node for document, node in gone if document in own]
    return next(iter([*near, *mine, *([touched[1]] if touched else []), *(node for _, node in gone)]), None)


def _depth(found: tuple[int, Node]) -> int:
    return found[0]


def _along(root: Node, steps: Sequence[str]) -> Iterator[tuple[int, Node]]:
    here = root
    for depth, step in enumerate(steps, 1):
        child = here.map.get(step)
        if child is None:
            return
        yield depth, child
        here = child


def _is_below(node: Node | None, above: Node) -> bool:
    while node is not None:
        if node is above:
            return True
        node = node.parent
    return False


def _moved(fault: Fault, cause: Node) -> Fault:
    mark = fault.mark
    place = f"{mark.file}:{mark.line}:{mark.column}"
    seen = Text(zh=f"受影响处：{place}", en=f"felt at {place}")
    if fault.hint and not is_removal(cause):  # a near-miss of a name that was taken away leads nowhere
        seen = Text(zh=f"{fault.hint.zh}；{seen.zh}", en=f"{fault.hint.en}; {seen.en}")
    return replace(fault, mark=cause.key_mark, hint=seen)
