"""From the text of a pack to a Pack, or to every reason why not."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import ValidationError

from guide.check import check_document
from guide.complete import completed
from guide.errors import PackRefused, Problem, escape
from guide.expressions import Programs
from guide.model.document import Document
from guide.pack import Pack
from guide.yaml_reader import Places, read_yaml


def load_pack(text: str | bytes) -> Pack:
    """A pack from YAML text. Raises PackRefused with all problems found, each with pointer, line and
    column."""
    data, places = read_yaml(text)
    try:
        document = completed(Document.model_validate(data))
    except ValidationError as error:
        raise PackRefused([located(problem, places) for problem in schema_problems(error, data)]) from None
    call = document.call
    programs = Programs(
        {fact.name: fact.type for fact in document.facts}, call.time_zone, call.renamed_places
    )
    problems = check_document(document, programs)
    if problems:
        raise PackRefused([located(problem, places) for problem in problems])
    return Pack(document, content_version(data), programs)


def content_version(data: Any) -> str:
    """SHA-256 of the canonical JSON (sorted keys, no white space, UTF-8) of a pack's data."""
    canonical = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """The published JSON Schema of a guide pack."""
    schema = Document.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Guide pack", **schema}


def schema_problems(error: ValidationError, data: Any) -> list[Problem]:
    """What a schema says of data, each with a JSON Pointer that leads somewhere in the data."""
    return [
        Problem(_pointer(one["loc"], data, missing=one["type"] == "missing"), one["msg"])
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def _pointer(location: tuple[int | str, ...], data: Any, *, missing: bool) -> str:
    """Pydantic names the chosen construct inside its locations; only steps that the data has count."""
    pointer = ""
    here = data
    for position, step in enumerate(location):
        if _has(here, step):
            here = here[step]
        elif not (missing and position == len(location) - 1):
            continue
        pointer += f"/{escape(str(step))}"
    return pointer


def _has(here: Any, step: int | str) -> bool:
    return step in here if isinstance(here, dict) else isinstance(here, list) and isinstance(step, int)


def located(problem: Problem, places: Places) -> Problem:
    """The problem with the place of what it points at, or of the nearest thing around it that is there."""
    pointer = problem.pointer
    while pointer and pointer not in places:
        pointer = pointer.rpartition("/")[0]
    if problem.line or pointer not in places:
        return problem
    return Problem(problem.pointer, problem.reason, *places[pointer])
