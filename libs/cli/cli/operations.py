"""What an operator does through intake's API: publish a guide, import memberships."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import yaml

from cli import house, tokens
from cli.errors import Refusal
from cli.keys import Keys
from cli.packs import read_pack, text_of

_PATIENCE_S = 60


def publish(intake_url: str, keys: Keys, pack_file: Path) -> tuple[str, str]:
    """Hand a pack to intake and make it the current version.

    Returns:
        The guide's id and the version.

    Raises:
        Refusal: the file or folder is no pack, or intake refuses it.
    """
    pack = read_pack(pack_file)
    text = text_of(pack_file).text
    taken = post(intake_url, keys, "/v1/guides", {"text": text}, cities=[pack.city])
    guide, version = str(taken["guide"]), str(taken["version"])
    post(intake_url, keys, f"/v1/guides/{guide}/versions/{version}/publish", {}, cities=[pack.city])
    return guide, version


def import_memberships(
    intake_url: str, keys: Keys, content: dict[str, Any], *, dry_run: bool = False
) -> dict[str, Any]:
    """Import units, people and memberships.

    Returns:
        Intake's answer: ids of units and people, the number of memberships, report, problems.

    Raises:
        Refusal: intake refuses it.
    """
    path = f"/v1/memberships/import?dry_run={str(dry_run).lower()}"
    return post(intake_url, keys, path, content, cities=cities_of(content))


def import_table(
    intake_url: str, keys: Keys, file: Path, *, city: str, dry_run: bool = False
) -> dict[str, Any]:
    """As `import_memberships`, from a CSV or XLSX file of one city.

    Raises:
        Refusal: it cannot be read, or intake refuses it.
    """
    kind = file.suffix.lower().removeprefix(".")
    path = f"/v1/memberships/import/file?kind={kind}&city={city}&dry_run={str(dry_run).lower()}"
    return post(intake_url, keys, path, _bytes(file), cities=[city])


def import_register(
    eligibility_url: str,
    keys: Keys,
    register: str,
    file: Path,
    *,
    city: str,
    source: str,
    complete: date | None = None,
    whole_until: date | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Read a CSV or XLSX file into a register of one city.

    Args:
        complete: as of which day the file is the source's whole list.
        whole_until: the last day on which it is the whole register.

    Returns:
        Eligibility's answer: counts, what becomes of which entry, problems.

    Raises:
        Refusal: it cannot be read, or eligibility refuses it.
    """
    query = {
        "kind": file.suffix.lower().removeprefix("."),
        "city": city,
        "source": source,
        "name": file.name,
        "dry_run": str(dry_run).lower(),
        **({"complete": complete.isoformat()} if complete else {}),
        **({"whole_until": whole_until.isoformat()} if whole_until else {}),
    }
    path = f"/v1/registers/{quote(register, safe='')}/import?{urlencode(query)}"
    return post(eligibility_url, keys, path, _bytes(file), cities=[city], service=house.ELIGIBILITY)


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error}") from None


def reseal(intake_url: str, keys: Keys) -> int:
    """Seal every personal identifier with the first key of the ring.

    Returns:
        How many persons had an older one.

    Raises:
        Refusal: intake refuses it.
    """
    done = 0
    while True:
        answer = post(intake_url, keys, "/v1/people/reseal", {})
        done += int(answer["resealed"])
        if answer["left"] == 0:
            return done


def subscribe(
    intake_url: str, keys: Keys, *, city: str, subject: str, name: str, legal_basis: str, purpose: str
) -> dict[str, Any]:
    """Let a client of the development issuer read a city's feed; its legal basis and purpose are recorded.

    Raises:
        Refusal: intake refuses it.
    """
    wanted = {
        "city": city,
        "client": tokens.label(subject),
        "name": name,
        "legal_basis": legal_basis,
        "purpose": purpose,
    }
    return post(intake_url, keys, "/v1/subscribers", wanted, cities=[city])


def read_import(file: Path) -> dict[str, Any]:
    """The content of an import file (YAML or JSON).

    Raises:
        Refusal: it is neither.
    """
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise Refusal(f"{file} cannot be read: {error}") from None
    if not isinstance(content, dict):
        raise Refusal(f"{file} must hold a mapping with units, people and memberships.")
    return content


def cities_of(content: dict[str, Any]) -> list[str]:
    """All cities that an import names."""
    rows = [row for kind in ("units", "people", "memberships") for row in content.get(kind) or []]
    return sorted({str(row["city"]) for row in rows if row.get("city")})


def post(
    url: str,
    keys: Keys,
    path: str,
    body: dict[str, Any] | bytes,
    *,
    cities: Iterable[str] = (),
    service: str = house.INTAKE,
) -> dict[str, Any]:
    """POST to a service as the operator.

    Raises:
        Refusal: it does not answer, or refuses; the problem's title, code and errors are in the message.
    """
    token = tokens.for_service(keys, service, cities=cities)
    headers = {"authorization": f"Bearer {token}", "accept-language": "en"}
    try:
        with httpx.Client(trust_env=False, timeout=_PATIENCE_S) as http:
            given: Any = {"content": body} if isinstance(body, bytes) else {"json": body}
            answer = http.post(f"{url}{path}", headers=headers, **given)
    except httpx.TransportError as error:
        raise Refusal(f"{service} at {url} does not answer: {error}") from None
    if answer.is_error:
        raise Refusal(f"{service} refuses {path}: {words(answer)}")
    content: dict[str, Any] = answer.json()
    return content


def words(answer: httpx.Response) -> str:
    """What a refusal says: the problem's title, code, detail and errors."""
    if "json" not in answer.headers.get("content-type", ""):
        return f"HTTP {answer.status_code}"
    problem = answer.json()
    words = f"{problem.get('title')} ({problem.get('code')})"
    if problem.get("detail"):
        words += f": {problem['detail']}"
    faults = [
        f"\n  {fault.get('pointer')}: {fault.get('detail') or fault.get('code')}"
        for fault in problem.get("errors") or []
    ]
    return words + "".join(faults)
