"""What field types of uploaded files share: the option that says which are taken, why one is not, and how it is drawn. No kind is here."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from markupsafe import escape

from engine.fields.base import Reference, ValueFault
from metamodel.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.fields.base import Field, Locale, Upload, Value

PICTURES = frozenset({"image/jpeg", "image/png", "image/webp"})  # what is decoded, and shown as a copy drawn anew
_OFFICE, _OPEN = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
# What an option may name → the media types (or their beginnings) that contents tell, and what people call it.
SORTS: Mapping[str, tuple[tuple[str, ...], Text]] = MappingProxyType({
    "pdf": (("application/pdf",), Text(zh="PDF", en="PDF")),
    "image": ((*sorted(PICTURES), "image/gif"), Text(zh="图片", en="pictures")),
    "word": (("application/msword", _OFFICE + "wordprocessingml", _OPEN + "text"), Text(zh="Word 文档", en="Word documents")),
    "excel": (("application/vnd.ms-excel", _OFFICE + "spreadsheetml", _OPEN + "spreadsheet"), Text(zh="Excel 表格", en="Excel sheets")),
    "powerpoint": (
        ("application/vnd.ms-powerpoint", _OFFICE + "presentationml", _OPEN + "presentation"),
        Text(zh="演示文稿", en="presentations"),
    ),
    "text": (("text/plain",), Text(zh="纯文本", en="plain text")),
    "archive": (
        ("application/zip", "application/x-rar", "application/vnd.rar", "application/x-7z", "application/gzip"),
        Text(zh="压缩包", en="archives"),
    ),
    "audio": (("audio/",), Text(zh="音频", en="audio")),
    "video": (("video/",), Text(zh="视频", en="video")),
})  # fmt: skip
ON_DELETE = {
    "type": "string",
    "enum": ["restrict", "clear"],
    "description": "what happens here when the file is taken away (restrict)",
}
LARGEST = {
    "type": "integer",
    "minimum": 1,
    "maximum": 2048,
    "description": "megabytes at most (as the installation allows)",
}


EMPTY = Text(zh="这是空文件，没有内容，请重新选择", en="the file is empty: choose it again")


def refuse_size(field: Field, upload: Upload) -> ValueFault | None:
    """Return why a file's size is none that the field takes."""
    if upload.size == 0:
        return ValueFault("EMPTY_FILE", EMPTY)
    most = field.options.get("largest")
    if most is not None and upload.size > most * 2**20:
        return ValueFault("TOO_LARGE", Text(zh=f"文件不能超过 {most} MB", en=f"the file must have at most {most} MB"))
    return None


def admits(field: Field, upload: Upload) -> ValueFault | None:
    """Return why a file is none that the field takes, by its size and by what its content is."""
    fault = refuse_size(field, upload)
    accepted = field.options.get("accept")
    if fault is not None or not accepted:
        return fault
    if any(upload.type.startswith(media) for sort in accepted for media in SORTS[sort][0]):
        return None
    names = [SORTS[sort][1] for sort in accepted]
    said = Text(
        zh=f"这里只能放{'、'.join(one.zh for one in names)}；按内容判断，这个文件不是",
        en=f"only {', '.join(one.en for one in names)} can be put here; by its content this file is something else",
    )
    return ValueFault("FILE_TYPE", said)


def way(value: Value) -> str:
    """Return the address of a file's content."""
    return f"/api/v1/files/{int(value.id if isinstance(value, Reference) else value)}"


def draw_file(_field: Field, value: Value, _locale: Locale, *, brief: bool, links: bool) -> str | None:  # noqa: ARG001 - as a drawing is asked
    """Return a file as the way to its content."""
    if not links or not isinstance(value, Reference):
        return None
    return f'<a class="file-way" href="{way(value)}" download>{escape(value.label)}</a>'


def draw_picture(_field: Field, value: Value, locale: Locale, *, brief: bool, links: bool) -> str | None:
    """Return a picture: small among others, else as the way to a larger one."""
    if not isinstance(value, Reference):
        return None
    address, label = way(value), escape(value.label)
    if brief or not links:
        return f'<img class="mini" src="{address}?thumbnail=small" alt="{label}" title="{label}" width="36" height="36" loading="lazy" decoding="async">'
    enlarge = f"Enlarge {label}" if locale.language == "en" else f"放大 {label}"
    return (
        f'<a class="picture" href="{address}?thumbnail=large" data-enlarge="{address}" data-name="{label}" aria-label="{enlarge}">'
        f'<img src="{address}?thumbnail=small" alt="{label}" width="160" height="120" loading="lazy" decoding="async"></a>'
    )
