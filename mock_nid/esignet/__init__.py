"""eSignet: sign in with a national ID, by OpenID Connect (contract mosip §9)."""
