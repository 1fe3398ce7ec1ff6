"""Addresses at which nobody listens, for a bridge alone: at the standard ones `rehearse up` may run."""

from __future__ import annotations

from bridge.settings import Settings

FIELDS = dict.fromkeys(
    ("gateway_url", "auth_url", "public_key_url", "mosip_url", "esignet_url"), "http://127.0.0.1:9"
)
ENVIRONMENT = {str(Settings.model_fields[name].alias): address for name, address in FIELDS.items()}
