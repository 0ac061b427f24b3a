"""Facts of a message: what must survive when an LLM words it otherwise.

Numbers, dates, times, e-mail addresses, URLs, codes such as `HAT136` and quoted names, each in
a form that does not depend on how it is written: `1,200.50` is `1200.5`, `March 5, 2026` is
`2026-03-05`. `3/5/2026` is one of two days, `2026-03/05`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal

from .restated import is_restated, opposite
from .wording import bare, folded

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_FACT = re.compile(
    rf"""
    (?P<url>https?://[^\s<>"'`)\]}}]*[^\s<>"'`)\]}}.,;:!?])
    | (?P<email>(?<![\w.+-])[\w.+-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+)
    | (?P<iso>\b\d{{4}}-\d{{2}}-\d{{2}}(?!\d))
    | (?P<slashed>(?<![\w./-])(?:\d{{4}}/\d{{1,2}}/\d{{1,2}}|\d{{1,2}}/\d{{1,2}}/(?:\d{{4}}|\d{{2}})
        |\d{{1,2}}\.\d{{1,2}}\.\d{{4}})(?![\w/]|\.\d))
    | (?P<day>\b{_MONTH}\ \d{{1,2}}(?:st|nd|rd|th)?\b(?!:)(?:,?\ \d{{4}}\b)?
        | \b\d{{1,2}}(?:st|nd|rd|th)?\ (?:of\ )?{_MONTH}(?:,?\ \d{{4}}\b)?)
    | (?P<time>\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\ ?[ap]\.?m\b)?|\b\d{{1,2}}\ ?[ap]\.?m\b)
    | (?P<ordinal>\b\d{{1,9}}(?:st|nd|rd|th)\b)
    | (?P<code>(?<![\w-])(?=[\w-]{{0,63}}[A-Za-z])(?=[\w-]{{0,63}}\d)[A-Za-z0-9][\w-]{{0,62}}[A-Za-z0-9]\b)
    | (?P<number>(?<![\w.])-?(?:(?:\d{{1,3}}(?:[.\ ']\d{{3}})+|\d+),\d\d|\d{{1,3}}(?:[\ ']\d{{3}})+(?:\.\d+)?
        |\d+(?:,\d{{3}})*(?:\.\d+)?)(?![\w]))
    | (?P<quoted>"[^"]{{1,60}}" | “[^”]{{1,60}}” | «[^»]{{1,60}}» | `[^`]{{1,60}}`
        | (?<!\w)'[^']{{1,60}}'(?!\w))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?m)^\s*\d{1,2}[.)]\s")
"""The number of a list item states nothing."""
_ESCAPE = re.compile(r"\\(?=[_*#`~\[\]()|.+!-])")
"""Markdown writes `order\\_42` for `order_42`."""
_CURRENCY = "(?:AUD|CAD|CHF|CNY|EUR|GBP|INR|JPY|USD)"
_GLUED = re.compile(rf"\b({_CURRENCY})(?=-?\d)|(?<=\d)(?={_CURRENCY}\b)")
"""Between an amount and its currency there may be a space, or none."""
_GROUPING = str.maketrans("", "", " '")
_DECIMAL_COMMA = re.compile(r",\d\d$")
_WORD = re.compile(r"\w")
_CAPITAL = r"[A-Z\u00c0-\u00de][\w'&-]*"
_NAME = re.compile(rf"(?<![\w.]){_CAPITAL}(?:\s(?:(?:of|de|la|le|du|the|and|&)\s)?{_CAPITAL})*")
_OPENS = re.compile(r"(?:^|[.!?:-])\s*$")
"""A capital there says that a sentence or an item begins."""
_MONTHS_A_YEAR = 12


def facts(text: str) -> dict[str, str]:
    """How each fact is written, by its own form, in order of appearance."""
    found: dict[str, str] = {}
    for kind, written in _stated(_read(_ORDINAL.sub(" ", text))):
        name, form = _FORMS[kind]
        found.setdefault(f"{name} {form(written)}", written)
    return found


def names(text: str) -> dict[str, str]:
    """What looks like a name, told with a capital in a sentence: people, places, units."""
    plain = _read(text).replace("*", "")
    return {
        f"name {bare(match[0])}": match[0]
        for match in _NAME.finditer(plain)
        if " " in match[0] or not _OPENS.search(plain, max(match.start() - 2, 0), match.start())
    }


def missing_facts(golden: str, actual: str) -> list[str]:
    """Facts of the golden's message, as it writes them, that the other message does not state."""
    return untold(facts(golden), actual)


def untold(expected: Mapping[str, str], actual: str) -> list[str]:
    """Those of the facts, as they are written, that a message does not state."""
    stated = facts(actual)
    said = _read(actual).casefold()
    missing = {
        form: written
        for form, written in expected.items()
        if form not in stated and not is_restated(form, stated, said)
    }
    unsigned = [form for form in missing if opposite(form) in stated]
    # one sign that is not told is a mistake; several are a list of what was spent
    told = set(unsigned) if len(unsigned) > 1 else set()
    return [written for form, written in missing.items() if form not in told]


def contradict(one: str, other: str) -> bool:
    """Whether two texts state figures, and no more than half of the terser's are in both."""
    ones, others = figures(one), figures(other)
    common = len(ones) - len(untold(ones, other))
    return bool(ones and others) and 2 * common <= min(len(ones), len(others))


def figures(text: str) -> dict[str, str]:
    """The facts that are no names."""
    return {form: written for form, written in facts(text).items() if not form.startswith("name ")}


def _stated(text: str) -> Iterator[tuple[str, str]]:
    """Kinds and texts of facts; quotes around nothing but facts make no name of them."""
    for match in _FACT.finditer(text):
        kind, written = str(match.lastgroup), match.group()
        within = list(_stated(written[1:-1])) if kind == "quoted" else []
        if within and not _WORD.search(_without(written, [fact for _, fact in within])):
            yield from within
        else:
            yield kind, written


def _without(text: str, facts: Iterable[str]) -> str:
    for fact in facts:
        text = text.replace(fact, " ", 1)
    return text


def numbers(text: str) -> Iterator[float]:
    """The numbers that a text states."""
    for form in facts(text):
        kind, _, value = form.partition(" ")
        if kind == "number":
            yield float(value)


def _read(text: str) -> str:
    return _GLUED.sub(r"\1 ", folded(_ESCAPE.sub("", text)))


def _number(text: str) -> str:
    digits = text.rstrip("stndrhSTNDRH").translate(_GROUPING)
    if _DECIMAL_COMMA.search(digits):
        digits = digits.replace(".", "").replace(",", ".")
    return f"{Decimal(digits.replace(',', '')).normalize():f}"


def _day(text: str) -> str:
    month = _MONTHS.index(next(word[:3] for word in text.lower().split() if word[:3] in _MONTHS))
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    year = f"{numbers[1]}-" if len(numbers) > 1 else ""
    return f"{year}{month + 1:02}-{numbers[0]:02}"


def _slashed(text: str) -> str:
    """As a day where only one reading is possible: `13/5/2026`, `2026/5/13`."""
    first, second, third = (int(part) for part in re.split(r"[/.]", text))
    if first > 31:
        return f"{first}-{second:02}-{third:02}"
    year = third if third > 99 else 2000 + third
    if first != second and max(first, second) <= _MONTHS_A_YEAR and "/" in text:
        return f"{year}-{first:02}/{second:02}"
    month, day = sorted((first, second)) if "/" in text else (second, first)
    return f"{year}-{month:02}-{day:02}"


def _time(text: str) -> str:
    hour, minute = (int(part) for part in [*re.findall(r"\d+", text), "0"][:2])
    half = text.lower().rstrip("m.")[-1:]
    hour = hour % 12 + 12 * (half == "p") if half in {"a", "p"} else hour
    return f"{hour:02}:{minute:02}"


def _name(text: str) -> str:
    return text[1:-1].strip(" .,;:!?").casefold()


_FORMS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "url": ("url", lambda text: re.sub(r"^https?://(?:www\.)?", "", text).rstrip("/")),
    "email": ("email", str.casefold),
    "iso": ("date", str),
    "slashed": ("date", _slashed),
    "day": ("date", _day),
    "time": ("time", _time),
    "ordinal": ("number", _number),
    "code": ("code", str.casefold),
    "number": ("number", _number),
    "quoted": ("name", _name),
}
"""Kind and own form of what each group of the pattern finds."""
