"""Makes the secrets of compose.yaml that are not there yet: passwords, keys, DSNs; deploy/docker/secrets/.

.venv/bin/python deploy/docker/make_secrets.py [folder]

What exists is left alone, so that it can be run again. The folder is closed to others (0700); its files are
readable (0444), because compose mounts them as they are and the containers' user is not the host's.
"""

import base64
import json
import secrets
import sys
from pathlib import Path

from joserfc.jwk import OKPKey

SERVICES = ("documents", "eligibility", "intake", "quota")
CALLERS = (*SERVICES, "gateway", "operator")
DATABASE = "shenbao"


def make(folder: Path) -> list[str]:
    """Names of the files that were made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    before = {file.name for file in folder.iterdir()}
    _text(folder, "POSTGRES_PASSWORD", secrets.token_hex(24))
    public = [_key(folder, f"{caller.upper()}_SERVICE_KEY", caller) for caller in CALLERS]
    _text(folder, "SERVICE_JWKS", json.dumps({"keys": public}))
    feed = _key(folder, "INTAKE_FEED_KEY", "feed")
    _text(folder, "GATEWAY_FEED_JWKS", json.dumps({"keys": [feed]}))
    personal = base64.b64encode(secrets.token_bytes(32)).decode()
    _text(folder, "INTAKE_PERSONAL_KEYS", json.dumps([personal]))
    for service in SERVICES:
        password = _text(folder, f"{service.upper()}_PASSWORD", secrets.token_hex(24))
        for suffix, place in (("", "pgbouncer:6432"), ("_DIRECT", "postgres:5432")):
            dsn = f"postgresql://{service}:{password}@{place}/{DATABASE}"
            _text(folder, f"{service.upper()}_DATABASE_URL{suffix}", dsn)
    return sorted({file.name for file in folder.iterdir()} - before)


def _key(folder: Path, name: str, kid: str) -> dict[str, object]:
    made = OKPKey.generate_key("Ed25519", {"kid": kid, "alg": "Ed25519", "use": "sig"})
    kept = OKPKey.import_key(json.loads(_text(folder, name, json.dumps(made.as_dict(private=True)))))
    return dict(kept.as_dict(private=False))


def _text(folder: Path, name: str, text: str) -> str:
    file = folder / name
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o444)
    return file.read_text(encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "secrets"
    sys.stdout.write("".join(f"{name}\n" for name in make(target)))
