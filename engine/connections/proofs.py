"""How two systems prove to each other who sends: a token, a name with a secret, or a signature over the body. Secrets come from the
configuration by their names."""

from __future__ import annotations

import hmac
from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from engine.config import Config
    from metamodel.definitions.connections import AuthDef

SIGNATURE, TIMESTAMP = "X-Tenon-Signature", "X-Tenon-Timestamp"
SIGNATURES = (SIGNATURE.lower(), "x-signature", "x-hub-signature-256")  # as others call theirs
SKEW = 300  # seconds that the clocks of two systems may differ, and a message may be under way


def proof(config: Config, auth: AuthDef, body: bytes, now: datetime) -> dict[str, str]:
    """Return the headers that prove who sends a request. Raises LookupError where the secret is not set."""
    name = auth.options["secret"]
    secret = config.secret(name)
    if not secret:
        raise LookupError(f"the secret {name} is not set: give it by TENON_SECRET_{name.upper()}")
    if auth.kind == "bearer":
        return {"Authorization": f"Bearer {secret}"}
    if auth.kind == "basic":
        pair = b64encode(f"{auth.options['user']}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}
    moment = str(int(now.timestamp()))
    return {TIMESTAMP: moment, SIGNATURE: f"sha256={sign(secret, body, moment)}"}


def sign(secret: str, body: bytes, moment: str = "") -> str:
    """Return the signature of a body: HMAC with SHA-256, as figures; with a moment, of ``moment.body``."""
    said = f"{moment}.".encode() + body if moment else body
    return hmac.new(secret.encode(), said, sha256).hexdigest()


def is_proved(config: Config, auth: AuthDef, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a message that came in is from who knows the secret. The names of ``headers`` are in small letters. A message that tells its
    moment is not taken minutes later; the moment is part of what is signed. Raises LookupError where the secret is not set."""
    wanted = proof(config, auth, body, now)
    if auth.kind != "hmac":
        return _same(wanted["Authorization"], headers.get("authorization", ""))
    moment = headers.get(TIMESTAMP.lower(), "")
    if moment and not (moment.isascii() and moment.isdigit() and abs(int(moment[:15]) - now.timestamp()) <= SKEW):
        return False
    given = next((headers[name] for name in SIGNATURES if name in headers), "")
    expected = sign(config.secret(auth.options["secret"]), body, moment)
    return _same(expected, given.strip().removeprefix("sha256=").lower())


def _same(one: str, other: str) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogateescape"))
