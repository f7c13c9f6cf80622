"""Tokens of the development issuer and of the operator; keys that only their owner can read."""

import json
import os
import stat
from typing import ClassVar

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from cli import tokens
from cli.errors import Refusal
from cli.keys import Keys
from cli.main import main
from cli.project import RunDir
from common.errors import Unauthenticated
from common.settings import CommonSettings
from common.tokens import ServiceTokens


class QuotaSettings(CommonSettings):
    service: ClassVar[str] = "quota"


def quota(keys: Keys) -> ServiceTokens:
    return ServiceTokens(
        QuotaSettings(
            service_key=json.dumps(keys.private("quota")), service_jwks=json.dumps(keys.service_jwks())
        )
    )


def test_a_persons_token_is_an_access_token(run: RunDir) -> None:
    keys = Keys(run.keys)
    decoded = jwt.decode(
        tokens.for_person(keys, "wang"), KeySet.import_key_set(keys.issuer_jwks()), algorithms=["Ed25519"]
    )
    assert decoded.header == {"alg": "Ed25519", "typ": "at+jwt", "kid": "issuer"}
    claims = decoded.claims
    assert {"iss", "sub", "aud", "exp", "iat", "jti", "client_id"} <= claims.keys()
    assert (claims["sub"], claims["aud"]) == ("wang", "shenbao")
    assert claims["exp"] - claims["iat"] == tokens.USER_LIFETIME_S


def test_the_operators_token_is_for_one_service(run: RunDir) -> None:
    keys = Keys(run.keys)
    actor = quota(keys).verify(tokens.for_service(keys, "quota", cities=["330800"]))
    assert (actor.caller, actor.is_service, actor.cities) == ("operator", True, frozenset({"330800"}))
    with pytest.raises(Unauthenticated):
        quota(keys).verify(tokens.for_service(keys, "intake"))
    with pytest.raises(Unauthenticated):
        quota(keys).verify(tokens.for_service(keys, "quota", lifetime_s=-1))
    with pytest.raises(Unauthenticated):
        quota(keys).verify(tokens.for_person(keys, "wang"))


def test_keys_are_kept_and_closed_to_others(run: RunDir) -> None:
    assert Keys(run.keys).private("intake") == Keys(run.keys).private("intake")
    assert "d" not in Keys(run.keys).public("intake")
    assert run.passwords(["intake"]) == run.passwords(["intake"])
    assert stat.S_IMODE(run.keys.stat().st_mode) == 0o700
    for file in run.keys.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("variable", ["SHENBAO_ENVIRONMENT", "GATEWAY_ENVIRONMENT"])
@pytest.mark.parametrize("kind", [["--subject", "wang"], ["--service", "quota"], ["--role", "officer"]])
def test_none_in_production(
    run: RunDir,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    kind: list[str],
) -> None:
    monkeypatch.setenv(variable, "production")
    assert main(["token", *kind]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"{variable} is production: the development issuer makes no tokens there.\n"
    with pytest.raises(Refusal):
        tokens.for_person(Keys(run.keys), "wang")


def test_the_command_prints_the_token_alone(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--service", "quota", "--city", "330800"]) == 0
    printed = capsys.readouterr().out
    assert printed.count(os.linesep) == 1
    assert quota(Keys(run.keys)).verify(printed.strip()).caller == "operator"


def test_a_role_needs_a_running_house(run: RunDir, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--role", "officer"]) == 1
    assert capsys.readouterr().err == "Nothing is running here: start it with `make up`.\n"
