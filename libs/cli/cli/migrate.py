"""Brings the schemas of several services up to date in one process: python -m cli.migrate intake quota …"""

import os
import sys
from collections.abc import Sequence

from common import migrations


def main(services: Sequence[str]) -> None:
    """Each service by its own role, from `<SERVICE>_DATABASE_URL_DIRECT` or `<SERVICE>_DATABASE_URL`."""
    for service in services:
        url = migrations.direct_url(service, os.environ)
        if url is None:
            sys.exit(f"{service.upper()}_DATABASE_URL is not set")
        migrations.upgrade(service, url)


if __name__ == "__main__":
    main(sys.argv[1:])
