"""What PyJWT raises of a token that is none. Pure."""

from __future__ import annotations

from typing import Final

import jwt

UNREADABLE: Final = (jwt.PyJWTError, ValueError, RecursionError)
"""A header of half surrogates, or of a thousand brackets, must not be more than malformed."""
