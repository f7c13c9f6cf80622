"""A client to be killed: sends one request, read from its input as JSON `{url, headers, body}`, and waits."""

import json
import sys
from urllib.request import Request, urlopen

if __name__ == "__main__":
    asked = json.load(sys.stdin)
    request = Request(asked["url"], asked["body"].encode(), asked["headers"])  # noqa: S310  # a test's own URL
    with urlopen(request, timeout=60) as answer:  # noqa: S310
        answer.read()
