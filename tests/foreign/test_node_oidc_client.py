"""openid-client, the certified library of Node, signs a person in at eSignet (contract mosip §9).

It verifies discovery, `iss` of the answer, id_token and userinfo by the JWKS; odd keys lie in that.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jwt.algorithms import RSAAlgorithm

from mock_nid.app import start
from mock_nid.settings import Settings
from tests.contract.harness import on_a_thread
from tests.foreign.installing import HERE, node_modules
from wire.keyfolder import KeyFolder
from wire.world import World


@pytest.mark.parametrize(
    ("settings", "pushed", "again"),
    [
        ({"esignet_generation": "1.5"}, False, "invalid_transaction"),
        ({"esignet_odd_keys": True}, False, "invalid_grant"),
        ({"esignet_userinfo": "jwe"}, True, "invalid_grant"),
    ],
)
def test_a_person_signs_in(
    rehearsal_keys: Path, node: Path, settings: dict[str, Any], pushed: bool, again: str
) -> None:
    key = RSAAlgorithm.to_jwk(KeyFolder(rehearsal_keys)["oidp-client"].private_key, as_dict=True)
    task = {
        "client": "crvs-rp",
        "key": {name: value for name, value in key.items() if name != "key_ops"},
        "redirect": "http://127.0.0.1:9999/mosip-callback",
        "number": "4238670978",
        "otp": "111111",
        "pushed": pushed,
        "sealed": settings.get("esignet_userinfo") == "jwe",
    }
    options = Settings(port=0, esignet_port=0, keys=rehearsal_keys, seed=5, **settings)
    with on_a_thread(lambda: start(options, World.system(seed=5))) as running:
        done = subprocess.run(
            [str(node), str(HERE / "node" / "party.mjs")],
            input=json.dumps({**task, "issuer": running.esignet_url}),
            env={**os.environ, "FOREIGN_MODULES": str(node_modules())},
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert seen["claims"]["sub"] == seen["told"]["sub"] != task["number"]
    assert (seen["told"]["name"], seen["told"]["birthdate"]) == ("Amara Okonjo", "1991/02/28")
    assert (seen["again"], seen["pushed"]) == (again, pushed)
    # eSignet's 401 has a WWW-Authenticate without a scheme, so that no library can read it (§9.4)
    assert seen["stranger"] == "OAUTH_RESPONSE_IS_NOT_CONFORM"
