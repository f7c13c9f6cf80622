"""Text in both languages, and clauses."""

from typing import Any

import strawberry
from strawberry import field

from gateway.wording import d


@strawberry.type(description=d("中英文文本", "A text in Chinese and English."))
class Text:
    zh: str = field(description=d("中文", "Chinese."))
    en: str = field(description=d("英文", "English."))


def text(bilingual: Any) -> Text | None:
    """Of a pack's bilingual text; None where the guide is silent."""
    return None if bilingual is None else Text(zh=bilingual.zh, en=bilingual.en)


@strawberry.type(description=d("依据的条款", "A clause: where it stands and what it says, in our own words."))
class Clause:
    key: str | None = field(description=d("条款编号", "Id inside the guide; null inside findings."))
    document: str = field(description=d("文件", "Document."))
    section: str = field(description=d("章节", "Section."))
    lines: str | None = field(description=d("行号", "Lines."))
    text: Text = field(description=d("释义", "Paraphrase."))


def lines_text(lines: Any) -> str | None:
    """`12` or `12-15` from a line number, a pair, or text."""
    if lines is None or isinstance(lines, str):
        return lines
    if isinstance(lines, list | tuple):
        return "-".join(dict.fromkeys(str(line) for line in lines))
    return str(lines)


def clause_of_pack(clause: Any) -> Clause:
    """Of a clause of `guide.Pack`."""
    return Clause(
        key=clause.id,
        document=clause.document,
        section=clause.section,
        lines=lines_text(clause.lines),
        text=Text(zh=clause.text_zh, en=clause.text_en),
    )


def clause_of_finding(row: dict[str, Any]) -> Clause:
    """Of the clause inside an eligibility finding."""
    return Clause(
        key=row.get("id"),
        document=row["document"],
        section=row["section"],
        lines=lines_text(row.get("lines")),
        text=Text(zh=row["text_zh"], en=row["text_en"]),
    )
