"""Tokens as PyJWT reads them, and what it raises of one that is none. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import jwt

UNREADABLE: Final = (jwt.PyJWTError, ValueError, RecursionError)
"""A header of half surrogates, or of a thousand brackets, must not be more than malformed."""
_TIMES: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}


def signed_claims(
    token: str, key: Any, algorithms: Sequence[str] = ("RS256",), issuer: str | None = None
) -> dict[str, Any]:
    """The claims that a key of cryptography's signed; UNREADABLE when it did not.

    Times and audience are the caller's to check: the library would ask the system's clock.
    """
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=algorithms, issuer=issuer, options=_TIMES)
    return claims
