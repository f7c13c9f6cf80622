"""Matches as they are answered."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from eligibility.matches.schemas import (
    ChoiceOut,
    FailureOut,
    FundingOut,
    IgnoredOut,
    MatchesOut,
    MatchOut,
    MissingOut,
    QuestionOut,
    SignalOut,
    WindowOut,
    YearsOut,
)
from guide import FactDef, Finding, Lang, Pack
from guide.matching import Failure, Match


def answer(
    as_of: datetime, found: Sequence[Match], limit: int, lang: Lang, ignored: Mapping[str, list[str]]
) -> MatchesOut:
    """The best of the matches, with what would have to be asked to decide them."""
    shown = found[:limit]
    return MatchesOut(
        as_of=as_of,
        total=len(found),
        items=[_item(rank, one, as_of, lang) for rank, one in enumerate(shown, 1)],
        questions=_questions(shown, lang),
        ignored=[IgnoredOut(fact=fact, guides=guides) for fact, guides in sorted(ignored.items())],
    )


def _item(rank: int, one: Match, as_of: datetime, lang: Lang) -> MatchOut:
    category, pack = one.category, one.pack
    return MatchOut(
        rank=rank,
        guide=pack.id,
        pack_version=pack.version,
        city=pack.city,
        category=category.id,
        name=category.name_en if lang == Lang.en else category.name_zh,
        eligible=one.evaluation.eligible.value,
        why=one.why(lang),
        failures=[_failure(failure) for failure in one.failures],
        out_of_reach=one.out_of_reach,
        open_rules=[finding.rule for finding in one.open],
        missing=MissingOut(
            applicant=list(one.about_applicant),
            application=list(one.about_application),
            others=list(one.about_others),
        ),
        for_person=_signals(pack, one.for_person, lang),
        priorities=_signals(pack, one.priorities, lang),
        window=WindowOut(
            state=one.window.state(as_of), open_at=one.window.open_at, close_at=one.window.close_at
        ),
        funding=[FundingOut(**row.model_dump()) for row in category.funding] if category.funding else None,
        funding_mode=category.funding_mode,
        years=YearsOut(**category.years.model_dump()) if category.years else None,
        cap=category.cap,
        office=_office(pack, category.id),
    )


def _failure(failure: Failure) -> FailureOut:
    share = failure.shortfall
    return FailureOut.model_validate(
        {
            "finding": failure.finding.as_dict(),
            "reach": failure.reach.value,
            "shortfall": -(-share.numerator * 100 // share.denominator),
        }
    )


def _signals(pack: Pack, findings: Iterable[Finding], lang: Lang) -> list[SignalOut]:
    return [
        SignalOut.model_validate(
            {
                "rule": one.rule,
                "title": pack.rules[one.rule].title_en if lang == Lang.en else pack.rules[one.rule].title_zh,
                "clause": one.clause.model_dump(),
            }
        )
        for one in findings
    ]


def _office(pack: Pack, category: str) -> str | None:
    """The office that handles all applications of a category; None: not stated, or it depends."""
    return pack.constants[category].get("category.office")


def _questions(shown: Sequence[Match], lang: Lang) -> list[QuestionOut]:
    """What is missing, as a form would ask for it: about the applicant first, then what decides most."""
    decides: Counter[str] = Counter()
    facts: dict[str, list[tuple[Pack, FactDef]]] = {}
    about: dict[str, str] = {}
    for one in shown:
        for group, names in (("applicant", one.about_applicant), ("application", one.about_application)):
            for name in names:
                decides[name] += 1
                about[name] = group
                facts.setdefault(name, []).append((one.pack, one.pack.facts[name]))
    order = sorted(facts, key=lambda name: (about[name] != "applicant", -decides[name], name))
    return [_question(facts[name], about[name], decides[name], lang) for name in order]


def _question(known: Sequence[tuple[Pack, FactDef]], about: str, decides: int, lang: Lang) -> QuestionOut:
    """One fact; its choices are those of all the guides that lack it."""
    pack, fact = known[0]
    choices = {
        choice.token: choice.label_en if lang == Lang.en else choice.label_zh
        for _, one in known
        for choice in one.choices or ()
    }
    keys = pack.names.shapes[fact.name].keys
    return QuestionOut.model_validate(
        {
            "fact": fact.name,
            "about": about,
            "label": fact.label(lang),
            "type": fact.type,
            "unit": fact.unit,
            "owner": str(fact.owner),
            "choices": [ChoiceOut(token=token, label=label) for token, label in choices.items()] or None,
            "keys": {name: shape.type for name, shape in keys.items()} if keys else None,
            "decides": decides,
        }
    )
