"""The field type `image`: one picture. Value: int, the id of a record of the object `file`, as in a `file` field; what it is, decoding has
shown (engine/files). Pages show copies drawn anew, never the original."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fields.base import Example, ValueFault
from engine.fields.fixed_link import link_to
from engine.fields.upload import LARGEST, ON_DELETE, PICTURES, draw_picture, refuse_size
from metamodel.text import Text

if TYPE_CHECKING:
    from engine.fields.base import Field, Upload

_HEIC = Text(
    zh="HEIC 照片在多数浏览器中无法显示：请在手机相机设置里选“兼容性最佳”，或另存为 JPEG 再上传",
    en="most browsers can't show HEIC photos: choose “Most Compatible” in the camera's settings, or save it as JPEG",
)
_SVG = Text(zh="SVG 里可以藏脚本，请另存为 PNG 再上传", en="an SVG may hold scripts: save it as PNG and upload that")
_NONE = Text(
    zh="这不是能显示的图片：需要完好的 JPEG、PNG 或 WebP，不超过 8000 万像素",
    en="this is no picture that can be shown: an intact JPEG, PNG or WebP is needed, of at most 80 megapixels",
)


def _admits(field: Field, upload: Upload) -> ValueFault | None:
    fault = refuse_size(field, upload)
    if fault is not None or upload.type in PICTURES:
        return fault
    if upload.type.startswith(("image/hei", "image/avif")):
        return ValueFault("FILE_TYPE", _HEIC)
    svg = upload.type.startswith("image/svg") or (upload.name.lower().endswith(".svg") and "xml" in upload.type)
    return ValueFault("FILE_TYPE", _SVG if svg else _NONE)


KIND = replace(
    link_to("file"),
    name="image",
    label=Text(zh="图片", en="Image"),
    help=Text(zh="一张图片，手机上可直接拍照", en="One picture; on the phone taken by its camera"),
    icon="photo",
    options={"largest": LARGEST, "on_delete": ON_DELETE},
    expressions=(),
    operators=("blank", "not_blank"),
    examples=(
        Example(json=3, value=3),
        Example(json={"id": 3}, value=3, options={"largest": 5}),
        Example(text="12", value=12),
        Example(json="photo.png", refused="WRONG_TYPE"),
        Example(json="data:image/png;base64,iVBORw0KGgo=", refused="WRONG_TYPE"),
        Example(json=0, refused="DANGLING_LINK"),
        Example(json={"url": "https://tenon.example/a.png"}, refused="MALFORMED"),
    ),
    control="image",
    one_line=False,
    sortable=False,
    attached=True,
    draw=draw_picture,
    admits=_admits,
    widens_to=("file",),
)
