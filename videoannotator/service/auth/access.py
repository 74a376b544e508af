"""Who may do what: scopes, principals and the text of access tokens."""

from __future__ import annotations

import hashlib
import secrets
import zlib
from dataclasses import dataclass
from enum import IntEnum

from videoannotator.errors import ForbiddenError, UnauthorizedError

_SECRET_BYTES = 24
_PREFIX = "va"


class Scope(IntEnum):
    """What a token allows; each scope includes those below it."""

    READ = 1
    WRITE = 2
    ADMIN = 3

    @property
    def label(self) -> str:
        """Lower-case name."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling: sees what belongs to ``owner``, an administrator everything."""

    owner: str
    scope: Scope
    token_id: str | None = None
    """None when authentication is off."""
    expires_at: float | None = None
    """When the token stops working, in Unix seconds; None for never."""

    @property
    def is_admin(self) -> bool:
        """Whether everything is visible."""
        return self.scope >= Scope.ADMIN

    def may_see(self, owner: str) -> bool:
        """Return whether what belongs to ``owner`` is visible."""
        return self.is_admin or self.owner == owner

    def require(self, scope: Scope) -> None:
        """Refuse a principal without ``scope``.

        Raises:
            ForbiddenError: The principal's own scope is lower.
        """
        if self.scope < scope:
            raise ForbiddenError(
                f"This call needs a token with {scope.label} scope; yours has {self.scope.label}.",
                {"required_scope": scope.label},
            )


ANYBODY = Principal(owner="local", scope=Scope.ADMIN)
"""Every caller when authentication is off."""


MACHINE = Principal(owner="machine", scope=Scope.ADMIN)
"""The service itself, or a person who works on its machine."""


@dataclass(frozen=True, slots=True)
class TokenText:
    """The parts of ``va_<id>_<secret>_<checksum>``; the checksum shows typing errors without a look-up."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> TokenText:
        """Return a token with a fresh id and a secret of 192 random bits."""
        return cls(id=secrets.token_hex(6), secret=secrets.token_hex(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> TokenText:
        """Return the token that ``text`` spells.

        Raises:
            UnauthorizedError: It is not a token, or its checksum is wrong.
        """
        parts = text.split("_")
        if len(parts) != 4 or parts[0] != _PREFIX or not text.isascii():
            raise UnauthorizedError("The token is not of the form va_<id>_<secret>_<checksum>.")
        token = cls(id=parts[1], secret=parts[2])
        if not secrets.compare_digest(str(token), text):
            raise UnauthorizedError("The token's checksum is wrong; it was mistyped or cut short.")
        return token

    @property
    def digest(self) -> str:
        """SHA-256 of the text in hexadecimal: all that is stored. The secret is random, so no slow hash is needed."""
        return hashlib.sha256(str(self).encode()).hexdigest()

    def __str__(self) -> str:
        body = f"{_PREFIX}_{self.id}_{self.secret}"
        return f"{body}_{zlib.crc32(body.encode()):08x}"
