"""Access tokens as they are kept: made, listed, revoked, and verified on every call."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from contextlib import suppress

from sqlmodel import col, select

from videoannotator.errors import (
    DatabaseBusyError,
    InvalidRequestError,
    StorageExhaustedError,
    TokenNotFoundError,
    UnauthorizedError,
    Violation,
)
from videoannotator.service.auth.access import MACHINE, Principal, Scope, TokenText
from videoannotator.service.auth.audit_log import Action, AuditLog
from videoannotator.service.clock import Clock
from videoannotator.service.database.connection import Database
from videoannotator.service.database.tables import TokenRow

CACHE_SECONDS = 1.0
"""How long a verified token is believed without asking the database again."""
_USE_RESOLUTION = 60.0
_MAX_LIFETIME = 100 * 366 * 86400.0
_CACHE_SIZE = 10_000


class TokenRepository:
    """Keeps tokens. Revoking takes effect at once in this process, within CACHE_SECONDS in any other."""

    def __init__(self, database: Database, clock: Clock, audit_log: AuditLog) -> None:
        self._database = database
        self._audit_log = audit_log
        self._clock = clock
        self._cache: dict[str, tuple[float, Principal]] = {}

    def create(
        self,
        principal: Principal,
        name: str,
        owner: str = "",
        scope: Scope = Scope.WRITE,
        expires_at: float | None = None,
    ) -> tuple[TokenRow, TokenText]:
        """Make a token on behalf of a principal; its text is known only now.

        Raises:
            InvalidRequestError: The name or owner is empty or too long, or the expiry is in the past or absurd.
        """
        owner = owner or name
        now = self._clock()
        violations = [
            Violation(field, "INVALID_VALUE", f"{field} must have 1 to 100 characters.", example="lab-camera-2")
            for field, value in (("name", name), ("owner", owner))
            if not 1 <= len(value) <= 100 or not value.isprintable()
        ]
        if expires_at is not None and not now < expires_at <= now + _MAX_LIFETIME:
            message = "expires_at must lie in the future, and not more than 100 years ahead."
            violations.append(Violation("expires_at", "VALUE_OUT_OF_RANGE", message))
        if violations:
            raise InvalidRequestError("The token was not made: " + violations[0].message, violations=violations)
        text = TokenText.new()
        row = TokenRow(
            id=text.id,
            name=name,
            owner=owner,
            scope=scope.label,
            digest=text.digest,
            created_at=now,
            expires_at=expires_at,
        )
        with self._database.write() as session:
            session.add(row)
        self._audit_log.record(principal, Action.TOKEN_CREATED, token=row.id, name=name, scope=scope.label)
        return row, text

    def create_first(self) -> TokenText | None:
        """Make the administrator's token if there has never been a token; None otherwise."""
        with self._database.read() as session:
            if session.exec(select(TokenRow.id).limit(1)).first() is not None:
                return None
        return self.create_admin()

    def create_admin(self) -> TokenText:
        """Make a token that may do everything: the first one, or one in place of what was lost."""
        return self.create(MACHINE, "admin", scope=Scope.ADMIN)[1]

    def list(self) -> Sequence[TokenRow]:
        """Return all tokens, newest first."""
        with self._database.read() as session:
            return session.exec(select(TokenRow).order_by(col(TokenRow.created_at).desc(), col(TokenRow.id))).all()

    def revoke(self, principal: Principal, token_id: str) -> None:
        """Make a token useless, on behalf of a principal. Revoking it again changes nothing.

        Raises:
            TokenNotFoundError: No such token.
        """
        with self._database.write() as session:
            row = session.get(TokenRow, token_id)
            if row is None:
                raise TokenNotFoundError(f"There is no token {token_id}.", {"token_id": token_id})
            if row.revoked_at is None:
                row.revoked_at = self._clock()
        self._cache.clear()
        self._audit_log.record(principal, Action.TOKEN_REVOKED, token=token_id)

    def verified(self, text: str) -> Principal | None:
        """Return whom ``text`` speaks for if that was verified a moment ago; never asks the database."""
        entry = self._cache.get(text)
        return entry[1] if entry is not None and entry[0] > self._clock() else None

    def verify(self, text: str) -> Principal:
        """Return whom ``text`` speaks for.

        Raises:
            UnauthorizedError: It is malformed, unknown, expired or revoked; the answer does not tell which of the last.
        """
        token = TokenText.parse(text)
        now = self._clock()
        with self._database.read() as session:
            row = session.get(TokenRow, token.id)
        known = row.digest if row is not None else ""
        if not hmac.compare_digest(known, token.digest) or row is None:
            raise UnauthorizedError("The token is not known.")
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            raise UnauthorizedError("The token is not valid any more.")
        if row.last_used_at is None or now - row.last_used_at >= _USE_RESOLUTION:
            self._record_use(token.id, now)
        principal = Principal(row.owner, Scope[row.scope.upper()], row.id, row.expires_at)
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[text] = (now + CACHE_SECONDS, principal)
        return principal

    def _record_use(self, token_id: str, now: float) -> None:
        # A disk that is full must not lock people out of reading their results.
        with suppress(StorageExhaustedError, DatabaseBusyError), self._database.write() as session:
            used = session.get(TokenRow, token_id)
            if used is not None:
                used.last_used_at = now
