"""Traces from a request to the jobs that it leads to, in the format of OpenTelemetry.

Sent only where the extra `otel` is installed and `OTEL_EXPORTER_OTLP_ENDPOINT` is set. A job's row
keeps the context of the request that made it, so the spans of its stages belong to that trace.
"""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import TracerProvider

log = structlog.get_logger(__name__)
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
INSTALL = f"{shlex.quote(sys.executable)} -m pip install 'exhume[otel]'"
"""Adds the packages where Exhume is installed, so pip takes no `exhume` from an index."""
FLUSH_MILLISECONDS = 2000
HIDDEN = ("url.query", "url.full", "user_agent.original", "client.address")
"""Attributes that can hold a purpose or a person."""


def configure_traces(service: str) -> None:
    """Send the spans of this process, where that is wanted. Call it once."""
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.trace import set_tracer_provider
    except ImportError:
        log.warning("traces.not_installed", fix=INSTALL)
        return
    set_tracer_provider(provider(service, OTLPSpanExporter()))


def provider(service: str, exporter: "SpanExporter") -> "TracerProvider":
    """Return a provider whose spans go to this exporter in batches."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    class Hiding(SpanProcessor):
        def on_start(self, span: Any, parent_context: Any = None) -> None:
            for name in HIDDEN:
                if name in (span.attributes or {}):
                    span.set_attribute(name, "")

        def on_end(self, span: ReadableSpan) -> None: ...

    made = TracerProvider(resource=Resource.create({"service.name": f"exhume-{service}"}))
    made.add_span_processor(Hiding())
    made.add_span_processor(BatchSpanProcessor(exporter))
    return made


def traceparent() -> str | None:
    """Return the context of the current span for a job's row, or None without one."""
    from opentelemetry.propagate import inject

    carrier: dict[str, str] = {}
    inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span_of_job(stage: str, parent: str | None, attributes: Mapping[str, str | int]) -> Iterator[None]:
    """Trace one attempt at a job, and send the span before the process may end."""
    from opentelemetry import trace
    from opentelemetry.propagate import extract

    context = extract({"traceparent": parent}) if parent else None
    tracer = trace.get_tracer("exhume.worker")
    try:
        with tracer.start_as_current_span(f"job {stage}", context, attributes=dict(attributes)):
            yield
    finally:
        flush = getattr(trace.get_tracer_provider(), "force_flush", None)
        if flush is not None:
            flush(FLUSH_MILLISECONDS)
