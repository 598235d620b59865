"""The field type `signature`: a name written by hand on the screen. Value: int, the id of a record of the object `file`, a PNG that the
signer uploaded; its name says who signed and when, and is nobody's to change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import escape

from engine.fields.base import Example, Reference, ValueFault
from engine.fields.fixed_link import link_to
from engine.fields.upload import ON_DELETE, refuse_size, way
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.fields.base import Field, Locale, Upload, Value

MOST = 2**20  # bytes of a signature
_ANOTHERS = Text(
    zh="签名只能由本人当场签署，不能使用已有的签名",
    en="one signs for oneself and anew: a signature that is there already can't be used",
)
_NONE = Text(zh="签名应是在此处手写的图形（PNG）", en="a signature is what is written here by hand (PNG)")


def _admits(field: Field, upload: Upload) -> ValueFault | None:
    fault = refuse_size(field, upload)
    if fault is not None:
        return fault
    if not upload.own or not upload.fresh:
        return ValueFault("NOT_YOURS", _ANOTHERS)
    return None if upload.type == "image/png" and upload.size <= MOST else ValueFault("FILE_TYPE", _NONE)


def _draw(_field: Field, value: Value, _locale: Locale, *, brief: bool, links: bool) -> str | None:
    """Return the signature with who made it and when; among others small."""
    if not isinstance(value, Reference):
        return None
    said = escape(value.label.removesuffix(".png"))
    if brief or not links:
        return f'<img class="signed small" src="{way(value)}?thumbnail=small" alt="{said}" title="{said}" width="72" height="28" loading="lazy">'
    return (
        f'<figure class="signed-by"><img class="signed" src="{way(value)}?thumbnail=large" alt="" width="240" height="96" loading="lazy">'
        f"<figcaption>{said}</figcaption></figure>"
    )


KIND = replace(
    link_to("file"),
    name="signature",
    label=Text(zh="签名", en="Signature"),
    help=Text(zh="手写签名，记录签署人和时间", en="Signed by hand, with who and when"),
    icon="signature",
    options={"on_delete": ON_DELETE},
    expressions=(),
    operators=("blank", "not_blank"),
    examples=(
        Example(json=3, value=3),
        Example(json={"id": 3}, value=3),
        Example(text="12", value=12),
        Example(json="李雷", refused="WRONG_TYPE"),
        Example(json="data:image/png;base64,iVBORw0KGgo=", refused="WRONG_TYPE"),
        Example(json=True, refused="WRONG_TYPE"),
        Example(json={"signed_by": 3}, refused="MALFORMED"),
    ),
    control="signature",
    one_line=False,
    sortable=False,
    attached=True,
    draw=_draw,
    admits=_admits,
    signed=True,
)
