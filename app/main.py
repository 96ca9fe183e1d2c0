"""The API process: `uvicorn app.main:create_app --factory`. Never imports torch."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from app import __version__
from app.attestations.endpoints import router as signing_keys
from app.attestations.log_checkpoints import router as log_checkpoints
from app.attestations.report_endpoints import router as reports
from app.audit_reports.endpoints import router as audit_reports
from app.audit_reports.pdf import Typesetter
from app.audits.endpoints import router as audits
from app.audits.keeping import router as keeping
from app.audits.result_endpoints import router as results
from app.auth import idempotency
from app.auth.endpoints import router as sessions
from app.auth.known import Known
from app.auth.request_rate import RequestRateMiddleware
from app.auth.routing import operation_id
from app.blind_line_ups.endpoints import router as blind_line_ups
from app.budgets.endpoints import router as limits
from app.datasets.endpoints import router as datasets
from app.db.listening import Listener
from app.db.reads import Reads
from app.db.session import async_engine, configured_url
from app.deletions.endpoints import router as deletions
from app.events.endpoints import router as events
from app.events.streams import Streams
from app.holds.endpoints import router as holds
from app.identities.endpoints import router as identities
from app.imports.endpoints import router as imports
from app.kit import problems
from app.kit.body_limit import BodyLimitMiddleware
from app.kit.bound_requests import BoundRequestsMiddleware
from app.kit.compression import CompressionMiddleware
from app.kit.documents import Documents
from app.kit.hosts import AllowedHostsMiddleware
from app.kit.request_id import RequestIdMiddleware
from app.kit.root_secret import root_secret
from app.kit.route_table import RouteTable
from app.kit.security_headers import SecurityHeadersMiddleware
from app.kit.shutdown import signalled
from app.notifications.endpoints import router as webhooks
from app.organisations.endpoints import people as members
from app.organisations.endpoints import router as organisations
from app.organisations.oidc_endpoints import router as single_sign_on
from app.overview.endpoints import router as overview
from app.people.endpoints import own as me
from app.people.endpoints import router as people
from app.policies.decision_endpoints import router as decisions
from app.policies.endpoints import router as policies
from app.policies.waiver_endpoints import router as waivers
from app.priors.endpoints import router as priors
from app.projects.endpoints import keys, log
from app.projects.endpoints import router as projects
from app.releases.endpoints import names
from app.releases.endpoints import router as releases
from app.schedules.endpoints import router as schedules
from app.settings import settings
from app.sources.endpoints import router as sources
from app.system.dashboard import router as dashboard
from app.system.document import router as openapi
from app.system.endpoints import router as system
from app.system.health import router as health
from app.system.problem_types import router as problem_types
from app.targets.endpoints import router as targets
from app.uploads import file_endpoints as files
from app.uploads.endpoints import router as uploads
from app.uploads.protocol import TusMiddleware
from app.verifiers.endpoints import router as verifiers

FILES = (files.releases, files.datasets, files.verifiers)
INPUTS = (targets, releases, names, datasets, verifiers, priors, *FILES, uploads, imports)
GATE = (policies, decisions, waivers)
ROUTERS = (
    sessions,
    single_sign_on,
    me,
    people,
    organisations,
    members,
    projects,
    overview,
    limits,
    keys,
    keeping,
    *INPUTS,
    audits,
    schedules,
    sources,
    webhooks,
    *GATE,
    events,
    results,
    reports,
    audit_reports,
    blind_line_ups,
    signing_keys,
    log,
    log_checkpoints,
    deletions,
    identities,
    holds,
    system,
    openapi,
)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Fail at startup if a setting is missing. Close the pool at the end."""
    url = configured_url()
    root_secret()
    listening = asyncio.create_task(app.state.listener.run(settings().database_url or ""))
    ending = asyncio.create_task(_end_streams(app))
    app.state.reads = Reads(url)
    with signalled(app.state.stopping):
        yield
    app.state.stopping.set()
    for task in (listening, ending):
        task.cancel()
    await asyncio.gather(listening, ending, return_exceptions=True)
    await app.state.reads.close()
    await async_engine(url).dispose()


async def _end_streams(app: FastAPI) -> None:
    await app.state.stopping.wait()
    app.state.streams.wake_all()


def create_app() -> FastAPI:
    """Return the application."""
    app = FastAPI(
        title="Exhume",
        summary="How much of your training data can be dug out of the model you are about to release?",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,  # `app.system.document` sends the committed one
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(BoundRequestsMiddleware),
            Middleware(SecurityHeadersMiddleware),
            Middleware(CompressionMiddleware),
            Middleware(RequestRateMiddleware),
            Middleware(AllowedHostsMiddleware),
            Middleware(TusMiddleware),
            Middleware(problems.UnexpectedErrorMiddleware),
            Middleware(BodyLimitMiddleware),
        ],
    )
    app.state.stopping = asyncio.Event()
    app.state.listener = Listener()
    app.state.streams = Streams(app.state.listener)
    app.state.known = Known(app.state.listener)
    app.state.documents = Documents()
    app.state.typesetter = Typesetter()
    problems.install(app)
    idempotency.install(app)
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    app.router.routes += [RouteTable(routes), *routes]
    app.include_router(health)
    app.include_router(problem_types)
    app.include_router(dashboard)
    return app
