"""The same endpoints written by hand, as a good engineer would for one application: Flask, SQLAlchemy Core, psycopg, orjson, one
table each. What ``make bench`` measures the engine against; knows nothing of the engine but the tables."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
import sqlalchemy as sa
from flask import Flask, Response, request
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

METADATA = sa.MetaData(schema="app")
TEXTS = [
    "number",
    "name",
    "stage",
    "source",
    "region",
    "line",
    "need",
    "feedback",
    "competitor",
    "next_step",
    "lost_reason",
    "note",
]
USER = sa.Table(
    "user",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("manager", sa.BigInteger),
    sa.Column("region", sa.Text),
)
CUSTOMER = sa.Table(
    "customer",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("name", sa.Text),
    sa.Column("owner", sa.BigInteger),
    sa.Column("source", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("deals", sa.Numeric),
    sa.Column("open_amount", sa.Numeric),
    sa.Column("won_amount", sa.Numeric),
    sa.Column("deleted_at", sa.DateTime(timezone=True)),
)
CONTACT = sa.Table("contact", METADATA, sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("name", sa.Text))
OPPORTUNITY = sa.Table(
    "opportunity",
    METADATA,
    sa.Column("id", sa.BigInteger, primary_key=True),
    sa.Column("version", sa.Integer),
    *(sa.Column(name, sa.Text) for name in TEXTS),
    *(sa.Column(name, sa.BigInteger) for name in ("customer", "contact", "owner", "created_by", "updated_by")),
    *(
        sa.Column(name, sa.Numeric)
        for name in ("amount", "probability", "expected", "budget", "visits", "quoted", "unasked")
    ),
    *(sa.Column(name, sa.Date) for name in ("close_on", "closed_on")),
    *(
        sa.Column(name, sa.DateTime(timezone=True))
        for name in ("last_contact", "created_at", "updated_at", "deleted_at", "owner_since")
    ),
    sa.Column("search_terms", ARRAY(sa.Text)),
)
SYSTEM = sa.MetaData(schema="tenon")
SERIAL = sa.Table(
    "serial",
    SYSTEM,
    *(sa.Column(name, sa.Text) for name in ("object", "field", "period")),
    sa.Column("value", sa.BigInteger),
)
HISTORY = sa.Table(
    "history",
    SYSTEM,
    sa.Column("at", sa.DateTime(timezone=True)),
    sa.Column("record_id", sa.BigInteger),
    sa.Column("actor", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("object", "source", "action")),
    sa.Column("changes", JSONB),
)
OUTBOX = sa.Table(
    "outbox",
    SYSTEM,
    sa.Column("partition", sa.SmallInteger),
    sa.Column("record_id", sa.BigInteger),
    *(sa.Column(name, sa.Text) for name in ("object", "event")),
    sa.Column("payload", JSONB),
    sa.Column("created_at", sa.DateTime(timezone=True)),
)
STAGES = {"contact": "0.1", "needs": "0.3", "demo": "0.5", "negotiation": "0.8", "won": "1", "lost": "0"}
EDITABLE = ("name", "stage", "amount", "next_step", "competitor", "note")
OWNER, CREATOR, UPDATER = USER.alias("owner"), USER.alias("creator"), USER.alias("updater")


def money(value: Decimal | None) -> str | None:
    """Return an exact number as the API gives it."""
    return None if value is None else format(value, "f")


def reference(number: int | None, label: str | None) -> dict[str, Any] | None:
    """Return a link as the API gives it."""
    return None if number is None else {"id": number, "label": label or f"#{number}"}


def problem(status: int, code: str, field: str) -> Response:
    """Return a refusal."""
    body = {"type": "about:blank", "status": status, "code": code, "errors": [{"field": field, "code": code}]}
    return Response(orjson.dumps(body), status, mimetype="application/problem+json")


def make_app() -> Flask:  # noqa: C901 - one application, written down in one go
    """Return the application over the database of TENON_BENCH_DATABASE."""
    app = Flask(__name__)
    engine = sa.create_engine(os.environ["TENON_BENCH_DATABASE"], pool_size=5, max_overflow=5)
    # Asked at every request, as the engine does: a revoked token or a changed team counts at once.
    known = sa.text(
        """
        WITH RECURSIVE me AS (
            SELECT t.user_id AS id FROM tenon.token t JOIN app."user" u ON u.id = t.user_id
            WHERE t.digest = :digest AND (t.expires_at IS NULL OR t.expires_at > :now) AND u.deleted_at IS NULL AND u.frozen IS NOT TRUE
        ), team AS (SELECT id FROM me UNION SELECT u.id FROM app."user" u JOIN team ON u.manager = team.id)
        SELECT me.id, (SELECT array_agg(team.id) FROM team) FROM me
        """
    )

    def viewer(connection: sa.Connection) -> tuple[int, list[int]] | None:
        """Return the user behind the bearer token and the ids of their subordinates with their own."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        row = connection.execute(
            known, {"digest": hashlib.sha256(token.encode()).digest(), "now": datetime.now(UTC)}
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    page = (
        sa.select(
            OPPORTUNITY.c.id, OPPORTUNITY.c.version, OPPORTUNITY.c.number, OPPORTUNITY.c.name, OPPORTUNITY.c.customer,
            CUSTOMER.c.name.label("customer_name"), OPPORTUNITY.c.stage, OPPORTUNITY.c.amount, OPPORTUNITY.c.probability,
            OPPORTUNITY.c.owner, OWNER.c.name.label("owner_name"), OPPORTUNITY.c.close_on,
        )
        .outerjoin(CUSTOMER, CUSTOMER.c.id == OPPORTUNITY.c.customer)
        .outerjoin(OWNER, OWNER.c.id == OPPORTUNITY.c.owner)
        .where(
            OPPORTUNITY.c.deleted_at.is_(None),
            OPPORTUNITY.c.stage == sa.bindparam("stage"),
            OPPORTUNITY.c.owner == sa.any_(sa.bindparam("people", type_=ARRAY(sa.BigInteger))),
        )
        .order_by(OPPORTUNITY.c.amount.is_not(None).desc(), OPPORTUNITY.c.amount.desc(), OPPORTUNITY.c.id.desc())  # as the index has it
        .limit(sa.bindparam("limit"))
    )  # fmt: skip
    single = (
        sa.select(
            OPPORTUNITY,
            CUSTOMER.c.name.label("customer_name"), CONTACT.c.name.label("contact_name"), OWNER.c.name.label("owner_name"),
            CREATOR.c.name.label("creator_name"), UPDATER.c.name.label("updater_name"),
        )
        .outerjoin(CUSTOMER, CUSTOMER.c.id == OPPORTUNITY.c.customer)
        .outerjoin(CONTACT, CONTACT.c.id == OPPORTUNITY.c.contact)
        .outerjoin(OWNER, OWNER.c.id == OPPORTUNITY.c.owner)
        .outerjoin(CREATOR, CREATOR.c.id == OPPORTUNITY.c.created_by)
        .outerjoin(UPDATER, UPDATER.c.id == OPPORTUNITY.c.updated_by)
        .where(
            OPPORTUNITY.c.id == sa.bindparam("key"),
            OPPORTUNITY.c.deleted_at.is_(None),
            OPPORTUNITY.c.owner == sa.any_(sa.bindparam("people", type_=ARRAY(sa.BigInteger))),
        )
    )  # fmt: skip

    def whole(row: sa.Row[Any]) -> dict[str, Any]:
        """Return a record as the API gives it."""
        return {
            "id": row.id,
            "version": row.version,
            "number": row.number,
            "name": row.name,
            "customer": reference(row.customer, row.customer_name),
            "contact": reference(row.contact, row.contact_name),
            "stage": row.stage,
            "amount": money(row.amount),
            "probability": money(row.probability),
            "expected": money(row.expected),
            "close_on": row.close_on,
            "closed_on": row.closed_on,
            "source": row.source,
            "region": row.region,
            "line": row.line,
            "need": row.need,
            "budget": money(row.budget),
            "feedback": row.feedback,
            "competitor": row.competitor,
            "next_step": row.next_step,
            "lost_reason": row.lost_reason,
            "owner": reference(row.owner, row.owner_name),
            "note": row.note,
            "visits": int(row.visits),
            "last_contact": row.last_contact,
            "quoted": money(row.quoted),
            "unasked": money(row.unasked),
            "created_at": row.created_at,
            "created_by": reference(row.created_by, row.creator_name),
            "updated_at": row.updated_at,
            "updated_by": reference(row.updated_by, row.updater_name),
        }

    @app.get("/opportunities")
    def listed() -> Response:
        with engine.connect() as connection:
            known = viewer(connection)
            if known is None:
                return problem(401, "UNAUTHENTICATED", "")
            rows = connection.execute(
                page, {"stage": request.args["stage"], "people": known[1], "limit": int(request.args.get("limit", 20))}
            )
            items = [
                {
                    "id": row.id,
                    "version": row.version,
                    "number": row.number,
                    "name": row.name,
                    "customer": reference(row.customer, row.customer_name),
                    "stage": row.stage,
                    "amount": money(row.amount),
                    "probability": money(row.probability),
                    "owner": reference(row.owner, row.owner_name),
                    "close_on": row.close_on,
                }
                for row in rows
            ]
        return Response(orjson.dumps({"items": items}), mimetype="application/json")

    @app.get("/opportunities/<int:key>")
    def one(key: int) -> Response:
        with engine.connect() as connection:
            known = viewer(connection)
            if known is None:
                return problem(401, "UNAUTHENTICATED", "")
            row = connection.execute(single, {"key": key, "people": known[1]}).one_or_none()
        if row is None:
            return problem(404, "NOT_FOUND", "")
        return Response(orjson.dumps(whole(row)), mimetype="application/json", headers={"ETag": f'"{row.version}"'})

    def parsed(body: dict[str, Any]) -> dict[str, Any] | str:
        """Return the values of a body, or the name of a field that has a wrong one."""
        values: dict[str, Any] = {}
        for name, value in body.items():
            if name in {"customer", "contact"}:
                if not isinstance(value, int):
                    return str(name)
                values[name] = value
            elif name == "amount":
                try:
                    values[name] = Decimal(value)
                except (InvalidOperation, TypeError, ValueError):
                    return "amount"
            elif name == "close_on":
                values[name] = datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007
            elif name not in EDITABLE or (value is not None and not isinstance(value, str)):
                return str(name)
            else:
                values[name] = value
        if values.get("stage", "contact") not in STAGES:
            return "stage"
        return values

    def drawn(connection: sa.Connection, now: datetime) -> str:
        """Return the next number of the month."""
        period = now.strftime("%Y%m")
        value = connection.execute(
            sa.text(
                "INSERT INTO tenon.serial AS s (object, field, period, value) VALUES ('opportunity', 'bench', :p, 1) "
                "ON CONFLICT (object, field, period) DO UPDATE SET value = s.value + 1 RETURNING value"
            ),
            {"p": period},
        ).scalar_one()
        return f"B-{period}-{value:06d}"

    def summed(connection: sa.Connection, customer: int) -> None:
        """Bring the customer's sums up to date."""
        connection.execute(sa.select(CUSTOMER.c.id).where(CUSTOMER.c.id == customer).with_for_update(key_share=True))
        mine = sa.and_(OPPORTUNITY.c.customer == CUSTOMER.c.id, OPPORTUNITY.c.deleted_at.is_(None))
        amount = OPPORTUNITY.c.amount
        connection.execute(
            sa.update(CUSTOMER)
            .where(CUSTOMER.c.id == customer)
            .values(
                deals=sa.select(sa.func.count()).where(mine).scalar_subquery(),
                open_amount=sa.select(sa.func.coalesce(sa.func.sum(amount), 0))
                .where(mine, OPPORTUNITY.c.stage.not_in(("won", "lost")))
                .scalar_subquery(),
                won_amount=sa.select(sa.func.coalesce(sa.func.sum(amount), 0))
                .where(mine, OPPORTUNITY.c.stage == "won")
                .scalar_subquery(),
            )
        )

    def left(
        connection: sa.Connection, key: int, user: int, now: datetime, event: str, changes: dict[str, Any]
    ) -> None:
        """Write the history row and the event."""
        connection.execute(
            sa.insert(HISTORY).values(
                at=now, object="opportunity", record_id=key, actor=user, source="api", action=event, changes=changes
            )
        )
        connection.execute(
            sa.insert(OUTBOX).values(
                partition=key % 16,
                object="opportunity",
                record_id=key,
                event=event,
                payload={"fields": list(changes)},
                created_at=now,
            )
        )

    def plain(value: object) -> object:
        return value if isinstance(value, int) else None if value is None else str(value)

    def insert(*, bare: bool) -> Response:
        body = orjson.loads(request.get_data())
        values = parsed(body)
        if isinstance(values, str):
            return problem(422, "WRONG_TYPE", values)
        missing = next((name for name in ("name", "customer") if values.get(name) is None), None)
        if missing:
            return problem(422, "REQUIRED", missing)
        now = datetime.now(UTC)
        with engine.begin() as connection:
            known = viewer(connection)
            if known is None:
                return problem(401, "UNAUTHENTICATED", "")
            user, ids = known
            customer = connection.execute(
                sa.select(CUSTOMER.c.source, CUSTOMER.c.region).where(
                    CUSTOMER.c.id == values["customer"],
                    CUSTOMER.c.deleted_at.is_(None),
                    CUSTOMER.c.owner == sa.any_(sa.cast(ids, ARRAY(sa.BigInteger))),
                )
            ).one_or_none()
            if customer is None:
                return problem(422, "DANGLING_LINK", "customer")
            stage = values.setdefault("stage", "contact")
            values["probability"] = Decimal(STAGES[stage])
            if values.get("amount") is not None:
                values["expected"] = (values["amount"] * values["probability"]).quantize(Decimal("0.01"))
            values |= {
                "source": customer.source,
                "region": customer.region,
                "owner": user,
                "number": drawn(connection, now),
            }
            stamps = {
                "created_at": now,
                "updated_at": now,
                "owner_since": now,
                "created_by": user,
                "updated_by": user,
                "version": 1,
                "visits": 0,
                "unasked": Decimal("0.00"),
            }
            key = connection.execute(
                sa.insert(OPPORTUNITY).values(**values, **stamps).returning(OPPORTUNITY.c.id)
            ).scalar_one()
            if not bare:
                summed(connection, values["customer"])
                left(
                    connection,
                    key,
                    user,
                    now,
                    "created",
                    {name: [None, plain(value)] for name, value in values.items()},
                )
            row = connection.execute(single, {"key": key, "people": ids}).one()
        return Response(orjson.dumps(whole(row)), 201, mimetype="application/json")

    def change(key: int, *, bare: bool) -> Response:
        body = orjson.loads(request.get_data())
        values = parsed(body)
        if isinstance(values, str):
            return problem(422, "WRONG_TYPE", values)
        now = datetime.now(UTC)
        with engine.begin() as connection:
            known = viewer(connection)
            if known is None:
                return problem(401, "UNAUTHENTICATED", "")
            user, ids = known
            old = connection.execute(
                sa.select(OPPORTUNITY)
                .where(
                    OPPORTUNITY.c.id == key,
                    OPPORTUNITY.c.deleted_at.is_(None),
                    OPPORTUNITY.c.owner == sa.any_(sa.cast(ids, ARRAY(sa.BigInteger))),
                )
                .with_for_update()
            ).one_or_none()
            if old is None:
                return problem(404, "NOT_FOUND", "")
            if "stage" in values and values["stage"] != old.stage:
                values["probability"] = Decimal(STAGES[values["stage"]])
            amount, probability = values.get("amount", old.amount), values.get("probability", old.probability)
            if amount is not None and probability is not None:
                values["expected"] = (amount * probability).quantize(Decimal("0.01"))
            connection.execute(
                sa.update(OPPORTUNITY)
                .where(OPPORTUNITY.c.id == key)
                .values(**values, version=old.version + 1, updated_at=now, updated_by=user)
            )
            if not bare:
                if values.keys() & {"amount", "stage"}:
                    summed(connection, old.customer)
                changes = {name: [plain(getattr(old, name)), plain(value)] for name, value in values.items()}
                left(connection, key, user, now, "updated", changes)
            row = connection.execute(single, {"key": key, "people": ids}).one()
        return Response(orjson.dumps(whole(row)), mimetype="application/json")

    app.post("/opportunities", endpoint="create")(lambda: insert(bare=False))
    app.post("/bare/opportunities", endpoint="create_bare")(lambda: insert(bare=True))
    app.patch("/opportunities/<int:key>", endpoint="update")(lambda key: change(key, bare=False))
    app.patch("/bare/opportunities/<int:key>", endpoint="update_bare")(lambda key: change(key, bare=True))
    return app
