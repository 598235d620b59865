"""Well-typed expressions and records, drawn by hypothesis: what the property test of the three machines runs on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from engine.expressions.wire import write_value
from metamodel.expressions.durations import Duration

ALPHABET = "abAB éÉ榫卯😀\U0010ffffİßΣς\uff5e%_'\\\"-*?~.[(|1"
TEXTS = st.one_of(
    st.none(),
    st.text(ALPHABET, max_size=6),
    st.sampled_from(["a", "A", "ab", " a  b ", "1,234.5", "-10%", "12.", ".5", "1e5"]),
)
NUMBERS = st.one_of(
    st.none(),
    st.integers(-20, 20).map(Decimal),
    st.decimals(-1000, 1000, places=2),
    st.decimals(-2, 2, places=13),
    st.sampled_from(
        [
            Decimal(text)
            for text in (
                "0",
                "0.5",
                "1e24",
                "-1e24",
                "999999999999999999999999.5",
                "1e-30",
                "0.0000000000005",
                "2.5",
                "1e12",
                "7e-7",
            )
        ]
    ),
)
DATES = st.one_of(
    st.none(),
    st.dates(date(1990, 1, 1), date(2040, 12, 31)),
    st.sampled_from(
        [
            date(1, 1, 1),
            date(9999, 12, 31),
            date(2024, 2, 29),
            date(2023, 1, 31),
            date(2100, 2, 28),
            date(1, 1, 3),
            date(9999, 12, 29),
        ]
    ),
)
_BERLIN = [
    datetime(2024, 3, 31, 0, 59, tzinfo=UTC),
    datetime(2024, 10, 27, 0, 30, tzinfo=UTC),
    datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
]
MOMENTS = st.one_of(
    st.none(),
    st.integers(160_000_000, 2_050_000_000_000_000).map(
        lambda micros: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
    ),
    st.sampled_from([*_BERLIN, datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, 23, tzinfo=UTC)]),
)
SPANS = st.one_of(
    st.none(),
    st.builds(
        Duration,
        st.integers(-30, 30),
        st.integers(-400, 400),
        st.one_of(st.just(Decimal(0)), st.integers(-200_000, 200_000).map(Decimal), st.decimals(-100, 100, places=6)),
        st.integers(-15, 15),
    ),
    st.sampled_from(
        [
            Duration(days=14),
            Duration(months=1),
            Duration(seconds=Decimal(3600)),
            Duration(months=40_000),
            Duration(days=800_000),
        ]
    ),
)
FIELDS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "n1": ("decimal", NUMBERS), "n2": ("decimal", NUMBERS), "t1": ("text", TEXTS), "t2": ("text", TEXTS),
    "b1": ("boolean", st.one_of(st.none(), st.booleans())), "d1": ("date", DATES), "d2": ("date", DATES),
    "m1": ("datetime", MOMENTS), "m2": ("datetime", MOMENTS), "u1": ("duration", SPANS), "u2": ("duration", SPANS),
}  # fmt: skip
COLUMNS = {
    "n": ("decimal", NUMBERS),
    "t": ("text", TEXTS),
    "d": ("date", DATES),
    "b": ("boolean", st.one_of(st.none(), st.booleans())),
}
NAMES = {
    kind: [name for name, (one, _) in FIELDS.items() if one == kind]
    for kind in ("decimal", "text", "boolean", "date", "datetime", "duration")
}
ROW_NAMES = {kind: [name for name, (one, _) in COLUMNS.items() if one == kind] for kind in NAMES}
LITERALS: dict[str, st.SearchStrategy[str]] = {
    "decimal": st.one_of(
        st.integers(0, 30).map(str), st.sampled_from(["0.5", "12.5%", "3.14159", "1000000", "100000000000", "2.000"])
    ),
    "text": st.text(ALPHABET, max_size=4).map(lambda text: '"' + text.replace('"', '""') + '"'),
    "boolean": st.sampled_from(["TRUE", "FALSE"]),
    "date": st.sampled_from(["DATE(2024, 2, 29)", "DATE(2023, 12, 31)", "TODAY()"]),
    "datetime": st.sampled_from(["NOW()"]),
    "duration": st.sampled_from(["14d", "1mo", "48h", "30m", "2w", "1y", "3wd", "0d"]),
}
ROW_PLACE = {"N": "decimal", "T": "text", "B": "boolean", "D": "date"}  # read in the scope of a row
PLACE = {"n": "decimal", "t": "text", "b": "boolean", "d": "date", "m": "datetime", "u": "duration"}
# n number, t text, b boolean, d date, m datetime, u duration; x: any one type, the same throughout
TEMPLATES: dict[str, list[str]] = {
    "decimal": [
        "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "-{n}", "({n} ^ {n})", "ROUND({n}, {n})", "ROUND({n}, 2)", "ROUNDUP({n}, {n})",
        "ROUNDUP({n}, 1)", "ROUNDDOWN({n}, {n})", "ROUNDDOWN({n})", "INT({n})", "ABS({n})", "MOD({n}, {n})", "POWER({n}, 2)", "POWER({n}, 0.5)",
        "SQRT({n})", "CEILING({n}, {n})", "FLOOR({n}, {n})", "CEILING({n})", "MIN({n}, {n})", "MAX({n}, {n}, {n})", "LEN({t})", "FIND({t}, {t})",
        "FIND({t}, {t}, {n})", "SEARCH({t}, {t})", "SEARCH({t}, {t}, {n})", "VALUE({t})", "YEAR({d})", "QUARTER({d})", "MONTH({m})", "DAY({d})",
        "HOUR({m})", "WEEKDAY({d})", "WEEKDAY({d}, 2)", "WEEKDAY({d}, 14)", "WEEKNUM({d})", "WEEKNUM({d}, 2)", "WEEKNUM({d}, 21)", "WEEKNUM({d}, 15)",
        'DATEDIF({d}, {d}, "Y")', 'DATEDIF({d}, {d}, "M")', 'DATEDIF({d}, {d}, "MD")', 'DATEDIF({d}, {d}, "YM")', 'DATEDIF({d}, {d}, "YD")', "DAYS({d}, {d})",
        "NETWORKDAYS({d}, {d})", "SUM(lines.n)", "SUM(lines.n, n > {N})", "COUNT(lines)", "COUNT(lines.t, b)", "AVG(lines.n)", "MIN(lines.n)", "MAX(lines.n, not b)",
        "SUM(lines.n * {O})", "SUM(IF(lines.b, lines.n, 1))", "FIRST(lines.n, d < {D}, t)", "LAST(lines.n)", "LAST(lines.n, TRUE, d)", "PICK(lines.n, t = parent.t1)", "PICK(lines.n, d < {D} and t = parent.t2, -n)",
        "PICK(lines.n, b and n <> parent.n1, d)", "PICK(lines.n, n = parent.n2 or b, -t)", "COUNT(lines, n = PICK(lines.n, d = parent.d, t))", "COUNT(lines, n = parent.n1)",
    ],
    "text": [
        "({t} & {t})", "({t} & {n})", "({d} & {b})", "({m} & {u})", "LEFT({t}, {n})", "RIGHT({t}, {n})", "MID({t}, {n}, {n})", "UPPER({t})", "LOWER({t})", "TRIM({t})",
        "SUBSTITUTE({t}, {t}, {t})", "SUBSTITUTE({t}, {t}, {t}, {n})", "CONCAT({t}, {n}, {t})", "LEFT({t})", 'TEXT({n}, "#,##0.00")', 'TEXT({n}, "0.##%")',
        'TEXT({n}, "#.#")', 'TEXT({n}, "¥0000")', 'TEXT({d}, "yyyy-mm-dd")', 'TEXT({m}, "yy年m月d日 h:mm:ss")', "TEXT({u})", "JOIN(lines.t)", 'JOIN(lines.n, b, "/")',
        "FIRST(lines.t)", "LAST(lines.t, b, n)", "PICK(lines.t, d = parent.d1 and BLANK = t, -d)",
    ],
    "boolean": [
        "({x} = {x})", "({x} <> {x})", "({n} < {n})", "({n} >= {n})", "({t} < {t})", "({t} >= {t})", "({d} <= {d})", "({m} > {m})", "({u} < {u})", "({d} < {m})",
        "({b} and {b})", "({b} or {b})", "(not {b})", "NOT({b})", "AND({b}, {b}, {b})", "({n} in ({n}, {n}))", "({t} not in ({t}, BLANK))", "({u} in ({u}, 14d))",
        "ISBLANK({x})", "CONTAINS({t}, {t})", "STARTSWITH({t}, {t})", "ENDSWITH({t}, {t})", "({d} - {d} > {u})", "(IDLE(COALESCE({m}, NOW())) > 14d)", "({m} - {d} <= 1mo)",
        "ANY(lines, n > {N})", "ALL(lines, b)", "ANY(lines.b)", "({m} = {d})", "({t} = BLANK)",
    ],
    "date": ["({d} + 14d)", "({d} - 1mo)", "({d} + 3wd)", "({d} - 1y)", "DATE({n}, {n}, {n})", "DATE(2024, {n}, {n})", "EDATE({d}, {n})", "EOMONTH({d}, {n})",
             "WORKDAY({d}, {n})", "MIN({d}, {d})", "MAX(lines.d)", "MIN(lines.d, b)", "({d} + ({d} - {d}))"],
    "datetime": ["({m} + {u})", "({m} - {u})", "({m} + 48h)", "({d} + 30m)", "({m} - 1mo)", "({d} + {u})", "MAX({m}, {d})", "COALESCE({m}, {d})", "({m} + 2wd)"],
    "duration": ["({m} - {m})", "({d} - {d})", "({u} + {u})", "({u} - {u})", "-{u}", "({m} - {d})"],
}  # fmt: skip
COMMON = [
    "IF({b}, {x}, {x})",
    "IF({b}, {x})",
    "IFS({b}, {x}, {b}, {x})",
    "COALESCE({x}, {x})",
    "SWITCH({t}, {t}, {x}, {t}, {x}, {x})",
    "SWITCH({n}, {n}, {x})",
    "TIER({n}, {n}, {x}, {x})",
]


@st.composite
def expressions(draw: st.DrawFn, kind: str, depth: int, names: dict[str, list[str]] | None = None) -> str:
    """Draw the text of an expression of a type."""
    known = NAMES if names is None else names
    choice = draw(st.integers(0, 9))
    if depth == 0 or choice < 2:
        if known[kind] and draw(st.integers(0, 3)):
            return draw(st.sampled_from(known[kind]))
        return draw(LITERALS[kind])
    template = draw(st.sampled_from(COMMON if choice == 2 else TEMPLATES[kind]))
    same = draw(st.sampled_from(list(NAMES))) if kind == "boolean" else kind
    out, rest = "", template
    while "{" in rest:
        before, _, rest = rest.partition("{")
        letter, _, rest = rest.partition("}")
        if letter == "O":  # an outer number beside a row's: no aggregate stands inside another's value
            out += before + draw(expressions("decimal", 0))
            continue
        if letter in ROW_PLACE:
            out += before + draw(expressions(ROW_PLACE[letter], 0, ROW_NAMES))
            continue
        out += before + draw(
            expressions(same if letter == "x" and choice != 2 else kind if letter == "x" else PLACE[letter], depth - 1)
        )
    return out + rest


@st.composite
def cases(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """Draw a case: an expression, the fields it may read, three rows at most."""
    kind = draw(st.sampled_from(list(NAMES)))
    text = draw(expressions(kind, draw(st.integers(1, depth))))
    fields: dict[str, Any] = {}
    for name, (one, values) in FIELDS.items():
        fields[name] = {one: write_value(draw(values)) if name in text else None}
    if "lines" in text:
        rows = draw(
            st.lists(st.fixed_dictionaries({name: values for name, (_, values) in COLUMNS.items()}), max_size=3)
        )
        typed = [{name: {COLUMNS[name][0]: write_value(value)} for name, value in row.items()} for row in rows]
        fields["lines"] = {"rows": typed or {name: one for name, (one, _) in COLUMNS.items()}}
    return {"expr": text, "with": fields}
