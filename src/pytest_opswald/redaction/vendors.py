"""How vendors begin their secrets, and how these go on: a row for each kind.

Nothing here can backtrack: a body is one run of characters of at least some length, or runs of
bounded length.
"""

from __future__ import annotations

from typing import NamedTuple


class Shape(NamedTuple):
    """One kind of secret, told by its beginning."""

    id: str
    begins: tuple[str, ...]
    body: str
    """Pattern matched right behind the beginning."""
    strict: bool = False
    """No dash or underscore before it, either: keeps bodies of several runs linear."""


class Mark(NamedTuple):
    """A kind that is known by something in its middle."""

    id: str
    mark: str
    whole: str
    """Pattern, bounded on both sides of the mark."""


_TABLE = """
anthropic-key       sk-ant-                               [\\w-]{16,}
openai-key          sk-proj- sk-svcacct- sk-admin- sk-service- sk-None-   [\\w-]{16,}
openrouter-key      sk-or-                                [\\w-]{24,}
langfuse-key        sk-lf- pk-lf-                         [\\w-]{20,}
secret-key          sk-                                   [A-Za-z0-9]{20,}|(?=[\\w-]{0,40}\\d)(?=[\\w-]{0,40}[A-Z])[\\w-]{30,}
groq-key            gsk_                                  [A-Za-z0-9]{20,}
xai-key             xai-                                  [A-Za-z0-9]{32,}
perplexity-key      pplx-                                 [A-Za-z0-9]{24,}
replicate-key       r8_                                   [A-Za-z0-9]{30,}
huggingface-token   hf_ api_org_                          [A-Za-z0-9]{30,}
nvidia-key          nvapi-                                [\\w-]{30,}
tavily-key          tvly-                                 [\\w-]{20,}
langsmith-key       lsv2_pt_ lsv2_sk_ ls__                [a-f0-9_]{32,}
google-key          AIza                                  [\\w-]{35}
google-oauth        ya29.                                 [\\w.-]{20,}
google-client       GOCSPX-                               [\\w-]{20,}
google-refresh      1//0                                  [\\w-]{30,}
google-auth-key     AQ.                                   [\\w-]{30,}
fireworks-key       fw_                                   [A-Za-z0-9]{20,}
together-key        tgp_v1_                               [\\w-]{30,}
cerebras-key        csk-                                  [a-z0-9]{30,}
voyage-key          pa-                                   (?=.{0,40}\\d)[\\w-]{40,}
jina-key            jina_                                 [\\w-]{40,}
firecrawl-key       fc-                                   [a-f0-9]{32}
elevenlabs-key      sk_                                   [a-f0-9]{40,}
pinecone-key        pcsk_                                 \\w{40,}
e2b-key             e2b_                                  [a-f0-9]{40}
logfire-token       pylf_v                                \\d{1,2}_[a-z]{2}_\\w{30,}
bedrock-key         ABSK                                  [A-Za-z0-9+/]{80,}=*
bedrock-session     bedrock-api-key-                      [A-Za-z0-9+/=]{30,}
databricks-token    dapi                                  [a-f0-9]{32}(?:-\\d)?
opswald-key         ops_                                  (?=[a-z_]{0,8}\\d|\\w{0,16}[A-Z]|[A-Za-z0-9]{49}(?!\\w))\\w{24,}
wandb-key           wandb_v1_                             \\w{30,}
aws-key-id          AKIA ASIA ABIA ACCA                   [A-Z0-9]{16}(?![A-Za-z0-9])
github-token        ghp_ gho_ ghu_ ghs_ ghr_              [A-Za-z0-9]{30,}
github-pat          github_pat_                           \\w{40,}
gitlab-token        glpat- glptt- gldt- glrt- glcbt- glagent- glft- glimt- glsoat- gloas-   [\\w.-]{20,}
bitbucket-token     ATBB                                  [A-Za-z0-9]{28,}
atlassian-token     ATATT3 ATCTT3                         [\\w=-]{40,}
slack-token         xoxa- xoxb- xoxc- xoxe- xoxo- xoxp- xoxr- xoxs- xoxd- xoxe.xoxb- xoxe.xoxp-   [A-Za-z0-9%-]{10,}
slack-app-token     xapp-                                 [A-Za-z0-9-]{20,}
slack-webhook       hooks.slack.com/services/ hooks.slack.com/workflows/ hooks.slack.com/triggers/   [\\w/+-]{20,}
discord-webhook     discord.com/api/webhooks/ discordapp.com/api/webhooks/   \\d{10,24}/[\\w-]{30,}
teams-webhook       webhook.office.com/webhookb2/         [\\w@/-]{30,}
sendgrid-key        SG.                                   [\\w-]{16,32}\\.[\\w-]{16,}
mailgun-key         key-                                  [a-f0-9]{32}(?![A-Za-z0-9])
stripe-key          sk_live_ sk_test_ rk_live_ rk_test_ sk_prod_ rk_prod_   [A-Za-z0-9]{10,}
webhook-secret      whsec_                                [A-Za-z0-9+/]{20,}=*
square-token        sq0atp- sq0csp- sq0idp-               [\\w-]{20,}
square-access       EAAA                                  [\\w-]{56,}
facebook-token      EAA                                   [A-Za-z0-9]{60,}
shopify-token       shpat_ shpca_ shppa_ shpss_           [A-Fa-f0-9]{32}
paypal-token        access_token$production$ access_token$sandbox$   [a-z0-9]{16}\\$[a-f0-9]{32}
npm-token           npm_                                  [A-Za-z0-9]{30,}
pypi-token          pypi-                                 [\\w-]{50,}
rubygems-key        rubygems_                             [a-f0-9]{40,}
docker-token        dckr_pat_ dckr_oat_                   [\\w-]{20,}
digitalocean-token  dop_v1_ doo_v1_ dor_v1_               [a-f0-9]{40,}
heroku-key          HRKU-                                 [\\w-]{30,}
fly-token           fo1_ fm1_ fm2_ fm1r_ fm1a_            [\\w+/=,-]{40,}
netlify-token       nfp_                                  [A-Za-z0-9]{30,}
vercel-token        vcp_ vck_ vci_ vca_ vcr_              [A-Za-z0-9]{24,}
supabase-token      sbp_ sb_secret_                       [\\w-]{20,}
planetscale-token   pscale_tkn_ pscale_pw_ pscale_oauth_   [\\w=.-]{30,}
neon-key            napi_                                 [a-z0-9]{40,}
doppler-token       dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.   [\\w.-]{30,}
vault-token         hvs. hvb. hvr.                        [\\w-]{20,}
pulumi-token        pul-                                  [a-f0-9]{40}
grafana-token       glsa_                                 [A-Za-z0-9]{32}_[A-Fa-f0-9]{8}
grafana-cloud       glc_                                  [A-Za-z0-9+/]{32,}=*
newrelic-key        NRAK- NRJS- NRII- NRAA-               [\\w-]{19,}
sentry-token        sntrys_ sntryu_                       [A-Za-z0-9+/=_-]{40,}
linear-key          lin_api_ lin_oauth_                   [A-Za-z0-9]{32,}
notion-token        ntn_ secret_                          [A-Za-z0-9]{40,}
airtable-token      pat                                   [A-Za-z0-9]{14}\\.[a-f0-9]{64}
figma-token         figd_ figu_                           [\\w-]{36,}
postman-key         PMAK-                                 [a-f0-9]{24}-[a-f0-9]{34}
hubspot-token       pat-na pat-eu                         \\d-[a-f0-9-]{36}
dropbox-token       sl.                                   (?:u\\.)?[\\w-]{60,}
twitter-bearer      AAAAAAAAAAAAAAAAAAAAA                 [A-Za-z0-9%]{40,}
launchdarkly-key    sdk- api- mob-                        [a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}
mapbox-token        sk.eyJ                                [\\w-]{20,}\\.[\\w-]{16,}
sourcegraph-token   sgp_                                  [A-Fa-f0-9_]{40,}
sonarqube-token     squ_ sqa_ sqp_                        [a-f0-9]{40}
age-key             AGE-SECRET-KEY-1                      [A-Z0-9]{50,}
onepassword-key     A3-                                   [A-Z0-9]{6}-(?:[A-Z0-9]{5,11}-){3,4}[A-Z0-9]{5}
tailscale-key       tskey-                                [a-z]{2,12}-[\\w-]{16,}
resend-key          re_                                   [A-Za-z0-9]{8}_[A-Za-z0-9]{16,}
brevo-key           xkeysib- xsmtpsib-                    [a-f0-9]{40,}-[A-Za-z0-9]{16}
typeform-token      tfp_                                  [\\w-]{40,}
contentful-token    CFPAT-                                [\\w-]{40,}
buildkite-token     bkua_                                 [a-f0-9]{40}
circleci-token      CCIPAT_ CCIPRJ_                       [A-Za-z0-9]{16,40}_[a-f0-9]{40}
artifactory-key     AKCp                                  [A-Za-z0-9]{60,}
artifactory-token   cmVmdGtuO                             [A-Za-z0-9]{50,}
prefect-key         pnu_ pnb_                             [A-Za-z0-9]{32,}
shippo-token        shippo_live_ shippo_test_             [a-f0-9]{40}
easypost-key        EZAK EZTK                             [A-Za-z0-9]{50,}
flutterwave-key     FLWSECK_TEST- FLWSECK-                [A-Za-z0-9-]{12,}
razorpay-key        rzp_live_ rzp_test_                   [A-Za-z0-9]{14,}
dynatrace-token     dt0c01. dt0s01.                       [A-Z0-9]{24}\\.[A-Z0-9]{60,}
alibaba-key         LTAI                                  [A-Za-z0-9]{16,24}(?![A-Za-z0-9])
tencent-key         AKID                                  [A-Za-z0-9]{32}(?![A-Za-z0-9])
infracost-key       ico-                                  [A-Za-z0-9]{32}(?![A-Za-z0-9])
readme-key          rdme_                                 [a-z0-9]{60,}
adobe-secret        p8e-                                  [a-z0-9-]{32,}
duffel-token        duffel_live_ duffel_test_             [\\w-]{40,}
cloudflare-key      v1.0-                                 [a-f0-9]{24}-[a-f0-9]{100,}
twilio-key          SK AC                                 [a-f0-9]{32}(?![A-Za-z0-9])
"""

SHAPES: tuple[Shape, ...] = (
    *(
        Shape(id_, tuple(begins), body)
        for id_, *begins, body in (line.split() for line in _TABLE.strip().splitlines())
    ),
    Shape("jwt", ("eyJ",), r"[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){1,4}", strict=True),
)

MARKS: tuple[Mark, ...] = (
    Mark("telegram-token", ":AA", r"(?<![0-9A-Za-z])\d{8,10}:AA[\w-]{32,34}(?![\w-])"),
    Mark("azure-client-secret", "Q~", r"(?<![\w~.-])[\w~.]{3}\dQ~[\w~.-]{31,34}"),
    Mark("azure-key", "AZC", r"(?<![A-Za-z0-9])[A-Za-z0-9]{72,76}AZC[A-Za-z0-9]{5,9}"),
    Mark("azure-key", "JQQJ99", r"(?<!\w)[A-Za-z0-9]{52}JQQJ99[A-Za-z0-9]{20,26}"),
    Mark("mailchimp-key", "-us", r"(?<![0-9A-Za-z])[a-f0-9]{32}-us\d{1,2}(?!\w)"),
    Mark("terraform-token", ".atlasv1.", r"(?<!\w)[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{50,90}"),
    Mark("asana-token", "/", r"(?<!\w)\d/\d{16}(?:/\d{16})?:[a-f0-9]{32}(?!\w)"),
    Mark("discord-token", ".", r"(?<![\w-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}(?![\w-])"),
)

RULES = tuple(dict.fromkeys((*(shape.id for shape in SHAPES), *(mark.id for mark in MARKS))))
