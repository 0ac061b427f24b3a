"""Every endpoint of the API, a line each."""

from __future__ import annotations

from pytest_opswald.api.analytics import Cost, CostQuery, Usage, UsageQuery
from pytest_opswald.api.base import Body
from pytest_opswald.api.events import Event, EventAccepted, EventBody
from pytest_opswald.api.golden_tests import (
    GoldenTest,
    GoldenTestBody,
    GoldenTestChange,
    GoldenTestDeleted,
    GoldenTestPage,
    GoldenTestQuery,
    ResultsBody,
    Run,
    RunBody,
    RunPage,
    RunStarted,
)
from pytest_opswald.api.pages import Paging
from pytest_opswald.api.replays import (
    Claim,
    ClaimBody,
    ControlBody,
    RenewBody,
    Replay,
    ReplayBody,
    ReplayPage,
    ReplayResultBody,
    ReplayStarted,
    ReplaySteps,
)
from pytest_opswald.api.sessions import Session, SessionEndBody, SessionPage, SessionQuery
from pytest_opswald.api.traces import Trace, TraceBody, TraceDeleted, TracePage, TraceQuery
from pytest_opswald.api.webhooks import (
    Delivery,
    DeliveryPage,
    Webhook,
    WebhookBody,
    WebhookChange,
    WebhookCreated,
    WebhookDeleted,
    WebhookPage,
)

from .endpoints import (
    Resource,
    Sending,
    ask,
    fetch,
    patch,
    post,
    post_below,
    post_to,
    remove,
    walk,
    walk_of,
)


class Traces(Resource[Sending]):
    list = walk("/traces", TraceQuery, TracePage)
    get = fetch("/traces/{trace_id}", Trace)
    create = post("/traces", TraceBody, Trace, once=("id", "trace"))
    delete = remove("/traces/{trace_id}", TraceDeleted)


class Sessions(Resource[Sending]):
    list = walk("/sessions", SessionQuery, SessionPage)
    get = fetch("/sessions/{session_id}", Session)
    end = post_to("/sessions/{session_id}/end", SessionEndBody, Session, once="same content")


class Events(Resource[Sending]):
    create = post("/events", EventBody, EventAccepted, once=("event_id", "evt"))
    get = fetch("/events/{event_id}", Event)


class Analytics(Resource[Sending]):
    usage = ask("/analytics/usage", UsageQuery, Usage)
    cost = ask("/analytics/cost", CostQuery, Cost)


class Replays(Resource[Sending]):
    list = walk("/replays", Paging, ReplayPage)
    start = post("/replays", ReplayBody, ReplayStarted)
    get = fetch("/replays/{replay_id}", Replay)
    control = post_to("/replays/{replay_id}/control", ControlBody, Replay)
    steps = fetch("/replays/{replay_id}/steps", ReplaySteps)
    result = post_to("/replays/{replay_id}/result", ReplayResultBody, Replay, once="same content")


class Runner(Resource[Sending]):
    claim = post("/runner/claim", ClaimBody, Claim)
    renew = post_to("/replays/{replay_id}/renew", RenewBody, Claim, once="same content")


class GoldenTests(Resource[Sending]):
    list = walk("/golden-tests", GoldenTestQuery, GoldenTestPage)
    get = fetch("/golden-tests/{test_id}", GoldenTest)
    create = post("/golden-tests", GoldenTestBody, GoldenTest)
    update = patch("/golden-tests/{test_id}", GoldenTestChange, GoldenTest)
    delete = remove("/golden-tests/{test_id}", GoldenTestDeleted)
    run = post("/golden-tests/run", RunBody, RunStarted, once=("run_id", "run"))
    runs = walk("/golden-tests/runs", Paging, RunPage)
    get_run = fetch("/golden-tests/runs/{run_id}", Run)
    upload_results = post_to(
        "/golden-tests/runs/{run_id}/results", ResultsBody, Run, once="same content"
    )


class Webhooks(Resource[Sending]):
    list = walk("/webhooks", Paging, WebhookPage)
    get = fetch("/webhooks/{webhook_id}", Webhook)
    create = post("/webhooks", WebhookBody, WebhookCreated)
    update = patch("/webhooks/{webhook_id}", WebhookChange, Webhook)
    delete = remove("/webhooks/{webhook_id}", WebhookDeleted)
    test = post_to("/webhooks/{webhook_id}/test", Body, Delivery)
    deliveries = walk_of("/webhooks/{webhook_id}/deliveries", Paging, DeliveryPage)
    resend = post_below("/webhooks/{webhook_id}/deliveries/{delivery_id}/resend", Body, Delivery)
