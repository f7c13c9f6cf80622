"""Access tokens: which are accepted, and where their keys come from. Forgeries: tests/strangers."""

import json
from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pydantic import ValidationError
from tests.gateway.conftest import AUDIENCE, ISSUER, Gateway, Identities, Make
from tests.gateway.owners import Owners, known

from common.clock import clock
from common.errors import Unauthenticated
from common.testing import settings_for
from gateway.access.tokens import Identity, IssuerUnavailable, UserTokens
from gateway.settings import Issuer, Settings

VIEWER = "{ viewer { signedIn subject } }"


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("RS256", RSAKey.generate_key(2048, {"kid": "r"}, private=True)),
        ("ES256", ECKey.generate_key("P-256", {"kid": "e"}, private=True)),
    ],
)
async def test_other_algorithms_of_the_list_are_accepted(
    algorithm: str, key: Any, identities: Identities
) -> None:
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks={"keys": [key.as_dict(private=False)]})
    token = identities.token("somebody", key=key, header={"alg": algorithm, "kid": key.kid})
    assert await UserTokens([issuer]).identify(token) == Identity(ISSUER, "somebody")


async def test_the_same_subject_of_two_issuers_is_two_people(make: Make, owners: Owners) -> None:
    one, two = Identities(), Identities()
    second = two.entry | {"issuer": "https://issuer.test/realms/b"}
    gateway: Gateway = await make(issuers=[one.entry, second])
    for token in (one.token("li"), two.token("li", iss="https://issuer.test/realms/b")):
        headers = {"authorization": f"Bearer {token}"}
        await gateway.http.post("/graphql", json={"query": "{ calls { nodes { key } } }"}, headers=headers)
    subjects = {actor.subject for actor in owners.intake.actors if actor.subject}
    assert subjects == {"li@issuer.test", "li@issuer.test/realms/b"}


async def test_several_audiences_and_no_kid(identities: Identities) -> None:
    tokens = UserTokens([Issuer(**identities.entry)])
    token = identities.token(aud=["other", AUDIENCE], header={"kid": None})
    assert (await tokens.identify(token)).subject == "somebody"


class _Provider:
    def __init__(self, *keys: OKPKey) -> None:
        self.keys, self.asked, self.down = list(keys), 0, False

    async def fetch(self, _url: str) -> dict[str, Any]:
        self.asked += 1
        if self.down:
            raise OSError("away")
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


async def test_rotated_keys_are_fetched_when_an_unknown_kid_appears(
    identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, now = _Provider(identities.key), [clock.system()]
    monkeypatch.setattr(clock, "system", lambda: now[0])
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url="https://issuer.test/jwks")
    tokens = UserTokens([issuer], provider.fetch)
    await tokens.identify(identities.token("a"))
    await tokens.identify(identities.token("b"))
    assert provider.asked == 1
    fresh = OKPKey.generate_key("Ed25519", {"kid": "two"}, private=True)
    provider.keys.append(fresh)
    with pytest.raises(Unauthenticated):  # asked too lately to ask again
        await tokens.identify(identities.token("c", key=fresh, header={"kid": "two"}))
    now[0] = now[0].fromtimestamp(now[0].timestamp() + 11, now[0].tzinfo)
    await tokens.identify(identities.token("c", key=fresh, header={"kid": "two"}))
    assert provider.asked == 2


async def test_an_issuer_that_is_away_is_no_forgery(identities: Identities) -> None:
    provider = _Provider(identities.key)
    provider.down = True
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url="https://issuer.test/jwks")
    with pytest.raises(IssuerUnavailable):
        await UserTokens([issuer], provider.fetch).identify(identities.token())


async def test_known_keys_serve_on_while_the_issuer_is_away(
    identities: Identities, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, now = _Provider(identities.key), [clock.system()]
    monkeypatch.setattr(clock, "system", lambda: now[0])
    issuer = Issuer(issuer=ISSUER, audience=AUDIENCE, jwks_url="https://issuer.test/jwks")
    tokens = UserTokens([issuer], provider.fetch)
    await tokens.identify(identities.token("a"))
    provider.down = True
    now[0] = now[0].fromtimestamp(now[0].timestamp() + 400, now[0].tzinfo)
    await tokens.identify(identities.token("b"))
    assert provider.asked == 2


def test_production_refuses_a_development_issuer(identities: Identities) -> None:
    entry = identities.entry | {"development": True}
    settings_for(Settings, issuers=[entry])
    with pytest.raises(ValidationError, match="development issuer"):
        settings_for(Settings, issuers=[entry], environment="production")


@pytest.mark.parametrize(
    "entry",
    [
        {"issuer": "a", "audience": "b"},
        {"issuer": "a", "audience": "b", "jwks": {"keys": []}, "jwks_url": "https://a"},
    ],
)
def test_an_issuer_has_one_source_of_keys(entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_for(Settings, issuers=[entry])


def test_keys_over_plain_http_are_refused_in_production() -> None:
    entry = {"issuer": "a", "audience": "b", "jwks_url": "http://a"}
    with pytest.raises(ValidationError, match="https"):
        settings_for(Settings, issuers=[entry], environment="production")


def test_a_private_feed_key_is_never_published() -> None:
    key = OKPKey.generate_key("Ed25519", private=True).as_dict(private=True)
    with pytest.raises(ValidationError):
        settings_for(Settings, feed_jwks=json.dumps({"keys": [key]}))


async def test_memberships_become_the_signed_actor_and_are_kept_a_minute(
    gateway: Gateway, owners: Owners, monkeypatch: pytest.MonkeyPatch
) -> None:
    owners.people["li"] = known("officer")
    query = "{ viewer { signedIn subject name roles cities loginKind memberships { role city } } }"
    viewer = (await gateway.data(query, "li"))["viewer"]
    assert viewer == {
        "signedIn": True,
        "subject": "li@issuer.test",
        "name": "测试人员",
        "roles": ["officer"],
        "cities": ["330800"],
        "loginKind": "personal",
        "memberships": [{"role": "officer", "city": "330800"}],
    }
    await gateway.data("{ calls { nodes { key } } }", "li")
    assert owners.intake.calls["POST /v1/memberships/resolve"] == 1
    actor = owners.intake.actors[-1]
    assert (actor.subject, actor.caller, actor.cities) == ("li@issuer.test", "gateway", frozenset({"330800"}))
    assert owners.intake.bodies[0][1] == {"issuer": ISSUER, "subject": "li"}
    owners.people["li"] = known("expert")  # revoked: seen a minute later at most
    later = clock.system().timestamp() + 61
    monkeypatch.setattr(clock, "system", lambda: type(clock)().system().fromtimestamp(later).astimezone())
    assert (await gateway.data("{ viewer { roles } }", "li"))["viewer"]["roles"] == ["expert"]


async def test_a_person_without_membership_has_no_role(gateway: Gateway, owners: Owners) -> None:
    viewer = (await gateway.data("{ viewer { signedIn roles cities } }", "stranger"))["viewer"]
    assert viewer == {"signedIn": True, "roles": [], "cities": ["330800"]}


async def test_one_city_on_each_installation_by_setting(make: Make, owners: Owners) -> None:
    closed: Gateway = await make(public_cities=[])
    await closed.data("{ calls { nodes { key } } }")
    assert owners.intake.actors[-1].cities == frozenset()
    assert owners.intake.actors[-1].anonymous
