"""Secrets to plant: fakes in the shapes of the real thing, made at run time.

No file of ours holds one, so that no scanner takes us for a leak; all are the same in every run.
"""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote

HEX = "0123456789abcdef"
LOWER = string.ascii_lowercase + string.digits
ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
URL_SAFE = ALNUM + "-_"
BASE64 = ALNUM + "+/"

_VENDORS = {
    "openai-project": ("sk-", "proj-", ALNUM, 48),
    "openai-service": ("sk-", "svcacct-", URL_SAFE, 60),
    "openai-legacy": ("sk", "-", ALNUM, 48),
    "anthropic": ("sk-", "ant-api03-", URL_SAFE, 93),
    "openrouter": ("sk-", "or-v1-", HEX, 64),
    "langfuse": ("sk-", "lf-", HEX, 36),
    "groq": ("gs", "k_", ALNUM, 52),
    "xai": ("xa", "i-", ALNUM, 80),
    "perplexity": ("pp", "lx-", ALNUM, 48),
    "replicate": ("r", "8_", ALNUM, 37),
    "huggingface": ("h", "f_", string.ascii_letters, 34),
    "nvidia": ("nv", "api-", URL_SAFE, 64),
    "tavily": ("tv", "ly-dev-", ALNUM, 32),
    "langsmith": ("lsv2", "_pt_", HEX, 43),
    "google": ("AI", "za", URL_SAFE, 35),
    "google-oauth": ("ya", "29.", URL_SAFE, 80),
    "fireworks": ("f", "w_", ALNUM, 24),
    "together": ("tgp", "_v1_", URL_SAFE, 43),
    "cerebras": ("cs", "k-", LOWER, 48),
    "pinecone": ("pc", "sk_", ALNUM, 60),
    "elevenlabs": ("s", "k_", HEX, 48),
    "databricks": ("da", "pi", HEX, 32),
    "aws-id": ("AK", "IA", UPPER, 16),
    "aws-session-id": ("AS", "IA", UPPER, 16),
    "github": ("gh", "p_", ALNUM, 36),
    "github-server": ("gh", "s_", ALNUM, 36),
    "github-fine": ("github", "_pat_", ALNUM, 82),
    "gitlab": ("gl", "pat-", URL_SAFE, 20),
    "slack-bot": ("xo", "xb-", string.digits, 48),
    "sendgrid": ("S", "G.", ALNUM, 22),
    "stripe": ("sk_", "live_", ALNUM, 24),
    "stripe-restricted": ("rk_", "live_", ALNUM, 24),
    "webhook": ("wh", "sec_", BASE64, 32),
    "square": ("sq0", "atp-", URL_SAFE, 22),
    "shopify": ("sh", "pat_", HEX, 32),
    "twilio": ("S", "K", HEX, 32),
    "npm": ("np", "m_", ALNUM, 36),
    "pypi": ("py", "pi-", URL_SAFE, 100),
    "docker": ("dckr", "_pat_", URL_SAFE, 27),
    "digitalocean": ("dop", "_v1_", HEX, 64),
    "fly": ("fo", "1_", URL_SAFE, 43),
    "netlify": ("nf", "p_", ALNUM, 40),
    "supabase": ("sb", "p_", HEX, 40),
    "planetscale": ("psca", "le_tkn_", ALNUM, 43),
    "doppler": ("dp", ".pt.", ALNUM, 43),
    "vault": ("hv", "s.", URL_SAFE, 90),
    "grafana": ("gl", "c_", BASE64, 60),
    "newrelic": ("NR", "AK-", UPPER, 27),
    "sentry": ("snt", "ryu_", HEX, 64),
    "linear": ("lin", "_api_", ALNUM, 40),
    "notion": ("nt", "n_", ALNUM, 46),
    "figma": ("fi", "gd_", URL_SAFE, 40),
    "atlassian": ("ATA", "TT3", ALNUM, 60),
    "facebook": ("EA", "A", ALNUM, 100),
    "azure-openai": ("", "", ALNUM, 52),
    "jwt": ("ey", "J", URL_SAFE, 33),
    "telegram": ("", "", string.digits, 10),
    "mailchimp": ("", "", HEX, 32),
    "private-key": ("", "", BASE64, 64),
}
_ENDS: dict[str, Callable[[Callable[[str, int], str]], str]] = {
    "sendgrid": lambda some: f".{some(ALNUM, 43)}",
    "azure-openai": lambda some: "JQQJ" + "99" + some(ALNUM, 26),
    "jwt": lambda some: f".ey{'J'}{some(URL_SAFE, 60)}.{some(URL_SAFE, 43)}",
    "telegram": lambda some: f":A{'A'}{some(URL_SAFE, 33)}",
    "mailchimp": lambda some: "-us" + "12",
}

KINDS = tuple(_VENDORS)


def secret(kind: str, owner: str = "") -> str:
    """The fake of a kind; another one for another owner."""
    chance = random.Random(f"{kind} {owner}")

    def some(alphabet: str, length: int) -> str:
        return "".join(chance.choices(alphabet, k=length))

    if kind == "private-key":
        lines = "\n".join(some(BASE64, 64) for _ in range(4))
        begin, end = (
            "-".join(["", "", "", "", f"-{word} PRIVATE KEY-", "", "", "", ""])
            for word in ("BEGIN", "END")
        )
        return f"{begin}\n{lines}\n{end}"
    first, second, alphabet, length = _VENDORS[kind]
    # Ends in a letter and a digit: real ones never end in punctuation that a sentence could own.
    body = some(alphabet, length - 1) + "7"
    end = _ENDS[kind](some) if kind in _ENDS else ""
    return first + second + body + end


CONTEXTS: dict[str, Callable[[str], str]] = {
    "alone": lambda secret: secret,
    "prose": lambda secret: f"Sure! The credential you asked for is {secret}. Keep it safe.",
    "environment": lambda secret: f"export SERVICE_API_KEY={secret}\nexport REGION=eu",
    "json": lambda secret: json.dumps({"note": "fine", "value": secret}),
    "json in json": lambda secret: json.dumps({"log": json.dumps({"said": secret})}),
    "header": lambda secret: f"POST /v1 HTTP/1.1\r\nAuthorization: Bearer {secret}\r\nAccept: */*",
    "code": lambda secret: f"```python\nclient = Client(token={secret!r}, retries=3)\n```",
    "url": lambda secret: f"see https://api.example.com/v1?key={quote(secret, safe='')}&page=2",
    "yaml": lambda secret: f"service:\n  api_key: {secret!r}\n  port: 8080",
    "log": lambda secret: f"2026-11-21 12:00:00 ERROR [auth] rejected '{secret}' (401)",
}


def planted() -> Iterator[tuple[str, str, str]]:
    """Kind, context and text of every plant."""
    for kind in KINDS:
        for context, tell in CONTEXTS.items():
            yield kind, context, tell(secret(kind, context))


def traces_of(secret: str) -> tuple[str, ...]:
    """What would give the secret away in a file: itself, and other ways to write it."""
    written = {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(json.dumps(secret)[1:-1])[1:-1],
        repr(secret)[1:-1],
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("=")[:-1],
    }
    return tuple(sorted(written))
