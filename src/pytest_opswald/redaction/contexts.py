"""Secrets that tell by the words beside them: `password: x`, `Bearer x`, `scheme://user:x@host`.

In prose a mistake costs readability, so what stands there must look like a secret; behind a
quoted name, as in JSON and code, any value will do that the name promises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .judging import is_dummy, is_password, is_token
from .names import Secrecy, holds_secret, kind_of, secrecy
from .spans import Span

ASSIGNMENT, AUTHORIZATION, URL, COOKIE, COMMAND = (
    "assignment",
    "authorization",
    "url",
    "cookie",
    "command-line",
)
RULES = (ASSIGNMENT, AUTHORIZATION, URL, COOKIE, COMMAND)

_ENDING = re.compile(
    r"(?:passw(?:or)?d|pass[ _-]?(?:phrase|code|wd)|pwd|secrets?|token|key|credentials?|auth|jwt"
    r"|dsn|connection_?string|sig|bearer|authorization)"
    r"(?:[ _-]?(?:value|text|base64|id|header|base|\d{1,2})){0,2}"
    r"(?P<close>\\{0,3}[\"'`\]]{0,2})"
    r"(?P<sign>\s{0,8}(?:=>|:=|={1,2}|:|%3[Dd])\s{0,8}|\s(?:is|was)[: ]\s{0,2})"
    r"(?P<open>\\{0,3}[\"'`]|[bfru][\"'])?",
    re.IGNORECASE,
)
_WORDS = "pass pwd secret token key cred auth jwt dsn connection sig bearer"
_HINTS = tuple(_WORDS.split())
"""Every match of the pattern above holds one of these."""
_BARE = re.compile(r"[^\s\"'`<>{}()\[\],;&|\\‹›]{4,512}")
_ATTRIBUTE = re.compile(r"(?:[A-Za-z_]+\.)+[A-Za-z_]+")
"""`settings.API_KEY`: code, as tracebacks quote it."""
_SCHEME = re.compile(r"(?:Bearer|Basic|Token|ApiKey|SSWS|Bot|Digest)\s{1,3}", re.IGNORECASE)
_LONGEST = 4096

_BEARER = re.compile(r"\b(?:bearer|basic|ssws)\s{1,3}([\w.~+/-]{12,}={0,2})", re.IGNORECASE)
_USERINFO = re.compile(
    r"://(?:[^\s:/@\"'<>\\]{0,128}:(?P<password>[^\s@\"'<>/\\‹›]{1,256})|(?P<token>[\w.~%-]{16,256}))@"
)
_QUERY = re.compile(
    r"[?&;](?:[\w.-]{0,40}[_.-])?(?:key|sig|signature|code|auth|credential|hmac|token|security-token)"
    r"(?:=|%3[Dd])([^&\s\"'<>#\\‹›]{8,1024})",
    re.IGNORECASE,
)
_COOKIE = re.compile(r"cookie[\"']?\s{0,4}[:=]\s{0,4}[\"']?([^\r\n\"'\\]{4,4096})", re.IGNORECASE)
_CRUMB = re.compile(r"([^\s=;,]{1,128})=([^;,\s‹›]{6,})")
_USER_OPTION = re.compile(
    r"(?:\s-u|--user|--proxy-user)[ =]?[\"']?[^\s:\"']{0,128}:([^\s\"'‹›]{4,256})"
)
_CLIENTS = ("curl", "wget", "http", "xh ")
_ATTRIBUTES = frozenset({"path", "domain", "expires", "max-age", "samesite", "version", "comment"})


def assignments(text: str) -> Iterator[Span]:
    """`NAME=value`, `"name": "value"`, `name: value`, `the password is value`."""
    at = 0
    while found := _ENDING.search(text, at):
        at = found.end()
        name = _name(text, found)
        if span := _assigned(text, found, name):
            yield span
            at = span.end


def _name(text: str, found: re.Match[str]) -> str:
    """The whole name, of which the pattern saw the end."""
    before = text[max(0, found.start() - 40) : found.start()]
    left = re.search(r"[\w.-]*\Z", before)
    start = found.start() - len(left.group() if left else "")
    name = text[start : found.start("close")]
    if secrecy(name) or not (
        left := re.search(r"[A-Za-z]{2,12} \Z", text[max(0, start - 14) : start])
    ):
        return name
    return left.group() + name


def _assigned(text: str, found: re.Match[str], name: str) -> Span | None:
    promise = secrecy(name)
    # Behind a quoted name what has no quotes is a number, a literal or a variable.
    if not promise or (not found["open"] and found["close"][-1:] in tuple("\"'")):
        return None
    start = found.end()
    if scheme := _SCHEME.match(text, start):
        start = scheme.end()
    value = _quoted(text, start, found["open"][-1:]) if found["open"] else _bare(text, start)
    is_literal = bool(found["open"]) and not found["sign"].strip().isalpha()
    if is_literal:
        is_secret = holds_secret(name, value) or (bool(scheme) and is_token(value, 8))
    else:
        is_secret = _stands_out(promise, value)
    return Span(start, start + len(value), ASSIGNMENT, kind_of(name)) if is_secret else None


def _stands_out(promise: Secrecy, value: str) -> bool:
    """Whether an unquoted value is a secret and no code, no word."""
    if promise is Secrecy.PASSWORD:
        has_sign = any(not char.isalpha() and char not in "_-." for char in value)
        return has_sign and is_password(value) and "=" not in value[:-2] and "$" not in value[:1]
    if _ATTRIBUTE.fullmatch(value):
        return False
    return is_token(value, 16 if promise is Secrecy.PERHAPS else 8)


def _quoted(text: str, start: int, quote: str) -> str:
    end = text.find(quote, start, start + _LONGEST)
    value = text[start:end] if end >= 0 else text[start : start + _LONGEST].split("\n", 1)[0]
    return value.rstrip("\\") if end >= 0 else value


def _bare(text: str, start: int) -> str:
    found = _BARE.match(text, start)
    return found.group().rstrip(".,:!?*") if found else ""


def authorizations(text: str) -> Iterator[Span]:
    """`Bearer x` and `Basic x`, wherever they stand."""
    for found in _BEARER.finditer(text):
        if is_token(found[1], 12):
            yield Span(*found.span(1), AUTHORIZATION, "authorization")


def urls(text: str) -> Iterator[Span]:
    """Passwords in front of the host, and secret values of the query."""
    if "@" in text and "://" in text:
        for found in _USERINFO.finditer(text):
            group = "password" if found["password"] else "token"
            value = found[group]
            if not is_dummy(value) if group == "password" else is_token(value, 16):
                yield Span(*found.span(group), URL, f"url-{group}")
    if "=" in text or "%3" in text:
        for found in _QUERY.finditer(text):
            if is_token(found[1], 12):
                yield Span(*found.span(1), URL, "url-query")


def cookies(text: str) -> Iterator[Span]:
    """Values of `Cookie:` and `Set-Cookie:` lines."""
    if "ookie" not in text and "OOKIE" not in text:
        return
    for found in _COOKIE.finditer(text):
        yield from crumbs(found[1], found.start(1))


def crumbs(line: str, offset: int = 0) -> Iterator[Span]:
    """The values of one cookie header."""
    for found in _CRUMB.finditer(line):
        if found[1].lower() not in _ATTRIBUTES and not is_dummy(found[2]):
            yield Span(offset + found.start(2), offset + found.end(2), COOKIE, "cookie")


def commands(text: str) -> Iterator[Span]:
    """`curl -u user:password`."""
    if any(client in text for client in _CLIENTS):
        for found in _USER_OPTION.finditer(text):
            if not is_dummy(found[1]):
                yield Span(*found.span(1), COMMAND, "password")


def contextual(text: str) -> Iterator[Span]:
    """Every secret that the words beside it tell; a cheap look first, for most texts hold none."""
    lower = text.lower()
    if any(sign in text for sign in "=:%") or " is " in text or " was " in text:
        if any(hint in lower for hint in _HINTS):
            yield from assignments(text)
        yield from urls(text)
        yield from cookies(text)
        yield from commands(text)
    if "bearer" in lower or "basic" in lower or "ssws" in lower:
        yield from authorizations(text)
