"""Settings that say several things in one text, and what is told of wrong ones."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bridge.settings import Settings


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"MOSIP_LANGUAGE": "eng,fra"}, "MOSIP_LANGUAGE"),
        ({"MOSIP_LANGUAGE": "en"}, "MOSIP_LANGUAGE"),
        ({"MOSIP_SCHEMA_VERSION": "latest"}, "MOSIP_SCHEMA_VERSION"),
        ({"MOSIP_CENTER_ID": "Ibombo"}, "MOSIP_CENTER_ID"),
        ({"MOSIP_MACHINE_ID": "123456"}, "MOSIP_MACHINE_ID"),
        ({"TRANSACTION_ID_PREFIX": "P-"}, "TRANSACTION_ID_PREFIX"),
        ({"MOSIP_DATA_SHARE_HOSTS": "https://share.example"}, "MOSIP_DATA_SHARE_HOSTS"),
        ({"MOSIP_VERIFIABLE_CREDENTIAL_ALLOWLIST": "https://a.example/k,b"}, "ALLOWLIST"),
        ({"MOSIP_WEBSUB_TOPIC": "'crvs-partner/CREDENTIAL_ISSUED'"}, "MOSIP_WEBSUB_TOPIC.*quotes"),
        ({"PARTNER_ID": "crvs-partner\r"}, "PARTNER_ID.*line break"),
        ({"PARTNER_ID": "crvs-partner "}, "PARTNER_ID.*blank"),
        ({"BRIDGE_MODE": "later"}, "BRIDGE_MODE"),
        ({"BRIDGE_REGISTRATION_NUMBER": "{year}"}, "trackingId"),
        ({"PORT": "70000"}, "PORT"),
        ({"BRIDGE_FORWARDED": '"birth,death"'}, "BRIDGE_FORWARDED.*quotes"),
        ({"BRIDGE_FORWARDED": "birth death"}, "BRIDGE_FORWARDED.*commas"),
        ({"BRIDGE_FORWARDED": "birth;death"}, "BRIDGE_FORWARDED.*commas"),
        ({"BRIDGE_OFFICE_CODES": "'a=IB'"}, "BRIDGE_OFFICE_CODES.*quotes"),
        ({"BRIDGE_OFFICE_CODES": "a=IB\r"}, "BRIDGE_OFFICE_CODES.*line break"),
        ({"BRIDGE_MODE": "birth=sync;death=async"}, "BRIDGE_MODE"),
        ({"BRIDGE_MODE": "birth death=sync"}, "BRIDGE_MODE"),
        ({"BRIDGE_NATIONAL_ID_FIELDS": "=child.nid"}, "BRIDGE_NATIONAL_ID_FIELDS"),
        ({"BRIDGE_NATIONAL_ID_FIELDS": "birth=a=b"}, "BRIDGE_NATIONAL_ID_FIELDS"),
        ({"BRIDGE_NATIONAL_ID_FIELDS": "birth=a,birth=b"}, "BRIDGE_NATIONAL_ID_FIELDS"),
        ({"BRIDGE_OFFICE_CODES": "a=IB,b=IS,a=IC"}, "BRIDGE_OFFICE_CODES.*'a' is given twice"),
        ({"BRIDGE_RATE": "nid=20,opencrvs=5,nid=5"}, "BRIDGE_RATE.*'nid' is given twice"),
        ({"BRIDGE_RATE": "nid=10000"}, "BRIDGE_RATE.*a number from 0.001 to 9999"),
        ({"BRIDGE_IN_FLIGHT": "nid=8,nid=8"}, "BRIDGE_IN_FLIGHT.*'nid' is given twice"),
        ({"BRIDGE_IN_FLIGHT": "nid=1.5"}, "BRIDGE_IN_FLIGHT.*a whole number from 1 to 9999"),
        ({"BRIDGE_MODE": "birth=sync,death=async,birth=async"}, "BRIDGE_MODE.*'birth' is given twice"),
        ({"BRIDGE_MODE": "sync,async"}, "BRIDGE_MODE.*given twice"),
        ({"BRIDGE_OPERATORS": f"amina={'x' * 16},joseph={'x' * 16}"}, "BRIDGE_OPERATORS.*same credential"),
        ({"BRIDGE_CHILD_UNDER_YEARS": "-1"}, "BRIDGE_CHILD_UNDER_YEARS"),
        ({"BRIDGE_RETENTION_DAYS": "inf"}, "BRIDGE_RETENTION_DAYS"),
        ({"BRIDGE_REGISTRATION_NUMBER": "{trackingId}\u202e"}, "cannot be seen"),
        ({"MOSIP_WEBSUB_SECRET": "\ufeffse-cret"}, "MOSIP_WEBSUB_SECRET.*cannot be seen"),
        ({"PARTNER_ID": "crvs\u200bpartner"}, "PARTNER_ID.*cannot be seen"),
        ({"MOSIP_DATA_SHARE_HOSTS": "share.example:port"}, "MOSIP_DATA_SHARE_HOSTS"),
        ({"OPENCRVS_GATEWAY_URL": "http://gw.example?x=1"}, "OPENCRVS_GATEWAY_URL.*after ?"),
    ],
)
def test_a_wrong_setting_is_named(values: dict[str, str], names: str) -> None:
    with pytest.raises(ValidationError, match=f"(?s){names}"):
        Settings.model_validate(values)
