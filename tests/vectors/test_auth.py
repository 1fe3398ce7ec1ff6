"""Log-ins as the upstream mediator really sends them, and the mock's answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.vectors.recorded import _exchanges
from wire.mosip import auth
from wire.world import parse_timestamp


@pytest.mark.parametrize("exchange", _exchanges("clientidsecretkey"))
def test_recorded_logins_are_read_and_written(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request"]["body"])
    login = auth.read_token_request(body)
    now = parse_timestamp(body["requesttime"])
    assert auth.token_request(login.client_id, login.secret, login.app_id, now) == body
    answer = json.loads(exchange["response"]["body"])
    assert auth.token_response(login, parse_timestamp(answer["responsetime"])) == answer
    cookies = [value for name, value in exchange["response"]["headers"] if name.lower() == "set-cookie"]
    assert auth.handed_over(None, cookies) == "some-token"
