"""The gateway as a front end sees it: GraphQL, one file upload, and the feed, each with a person's token."""

from typing import Any

import httpx


class Refused(Exception):
    """A mutation answered user errors, or the gateway an error.

    Attributes:
        errors: `[{code, message, details}]` as answered.
    """

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__("; ".join(f"{error.get('code')}: {error.get('message')}" for error in errors))
        self.errors = errors

    @property
    def codes(self) -> set[str]:
        return {str(error.get("code")) for error in self.errors}


class Person:
    """One signed-in person (or machine) at the gateway.

    Args:
        http: shared by all persons; its base URL is the gateway's.
        token: the person's access token.
    """

    def __init__(self, http: httpx.Client, token: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}", "accept-language": "zh"}

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Data of a query.

        Raises:
            Refused: the answer has errors.
        """
        body = {"query": query, "variables": variables}
        answer = self._http.post("/graphql", json=body, headers=self._headers)
        content = answer.json()
        if content.get("errors"):
            raise Refused(
                [
                    {"code": error.get("extensions", {}).get("code"), "message": error.get("message")}
                    for error in content["errors"]
                ]
            )
        data: dict[str, Any] = content["data"]
        return data

    def do(self, mutation: str, fields: str, **given: Any) -> dict[str, Any]:
        """Payload of a mutation.

        Args:
            mutation: its name.
            fields: what to select of the payload besides errors.
            given: the input's fields.

        Raises:
            Refused: user errors.
        """
        kind = mutation[0].upper() + mutation[1:] + "Input"
        query = (
            f"mutation($input: {kind}!) {{ {mutation}(input: $input) "
            f"{{ errors {{ code message path details }} {fields} }} }}"
        )
        payload: dict[str, Any] = self.ask(query, input=given)[mutation]
        if payload["errors"]:
            raise Refused(payload["errors"])
        return payload

    def upload(self, ticket: dict[str, Any], content: bytes, media_type: str) -> dict[str, Any]:
        """Send a file's body with its ticket.

        Raises:
            httpx.HTTPStatusError: refused.
        """
        headers = {**self._headers, ticket["header"]: ticket["ticket"], "content-type": media_type}
        answer = self._http.post(ticket["path"], content=content, headers=headers)
        answer.raise_for_status()
        stored: dict[str, Any] = answer.json()
        return stored

    def post(self, path: str, content: bytes, media_type: str, **params: Any) -> dict[str, Any]:
        """Send a file to one of the gateway's other doors; what it answered.

        Raises:
            httpx.HTTPStatusError: refused.
        """
        headers = {**self._headers, "content-type": media_type}
        answer = self._http.post(path, content=content, params=params, headers=headers)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        return told

    def get(self, path: str, **params: Any) -> httpx.Response:
        """A GET at one of the gateway's other doors.

        Raises:
            httpx.HTTPStatusError: refused.
        """
        answer = self._http.get(path, params=params, headers=self._headers)
        answer.raise_for_status()
        return answer
