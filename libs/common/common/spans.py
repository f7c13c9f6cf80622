"""Traces for an OTLP/HTTP collector. Imported only where a collector is named in the settings.

The ids are those of `common.trace`: a span is made when its step has ended, under the ids that the step
carried. Whether a trace is sent follows from its id, so services with the same ratio agree without a word.
"""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Final

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)

from common.clock import clock
from common.ids import new_id
from common.log import log
from common.settings import CommonSettings
from common.trace import Trace

QUEUE: Final = 2048
BATCH: Final = 512
SEND_TIMEOUT_S: Final = 5.0
FLUSH_S: Final = 3.0
"""What is not sent within this when a service stops is lost; the stop is not held up longer."""
KINDS: Final = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "job": SpanKind.CONSUMER}


class Spans:
    """Sends one service's steps.

    A bounded queue and a thread of the SDK stand between the work and the collector: what does not fit is
    dropped, and a collector that is away is only logged.
    """

    def __init__(self, settings: CommonSettings, endpoint: str) -> None:
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # `_Told` says it as an event of ours
        self._ids = _GivenIds()
        self._provider = TracerProvider(
            sampler=TraceIdRatioBased(settings.otlp_ratio),
            resource=Resource(
                {
                    "service.name": settings.service,
                    "service.version": version(f"shenbao-{settings.service}"),
                    "service.instance.id": settings.instance or str(new_id()),
                    "deployment.environment.name": settings.environment,
                }
            ),
            shutdown_on_exit=False,
            id_generator=self._ids,
        )
        headers = {name: value.get_secret_value() for name, value in settings.otlp_headers.items()}
        exporter = OTLPSpanExporter(
            endpoint=f"{endpoint.rstrip('/')}/v1/traces",
            headers=headers,
            timeout=SEND_TIMEOUT_S,
            compression=Compression.Gzip,
        )
        self._provider.add_span_processor(
            BatchSpanProcessor(
                _Told(exporter, settings.service),
                max_queue_size=QUEUE,
                max_export_batch_size=BATCH,
                schedule_delay_millis=1000,
            )
        )
        self._tracer = self._provider.get_tracer("shenbao")

    def ended(
        self,
        step: Trace,
        name: str,
        kind: str,
        seconds: float,
        attributes: Mapping[str, str | int | float],
        error: str | None,
    ) -> None:
        """Note a step that ends now.

        Args:
            kind: server, client or job.
            seconds: how long it took.
            attributes: names from the code, ids and numbers; nothing that a person has written.
            error: the kind of error; None: it went well.
        """
        end = int(clock.system().timestamp() * 1_000_000) * 1000
        self._ids.next = step
        span = self._tracer.start_span(
            name,
            context=_context(step),
            kind=KINDS[kind],
            attributes=dict(attributes),
            start_time=end - int(seconds * 1_000_000) * 1000,
        )
        if error is not None:
            span.set_attribute("error.type", error)
            span.set_status(Status(StatusCode.ERROR))
        span.end(end)

    async def close(self) -> None:
        """Send what waits, for at most `FLUSH_S`."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def shut() -> None:
            self._provider.shutdown()
            with contextlib.suppress(RuntimeError):  # the loop has ended before us
                loop.call_soon_threadsafe(done.set)

        # not asyncio.to_thread: its threads are waited for at the end of the loop
        threading.Thread(target=shut, daemon=True, name="otlp-flush").start()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), FLUSH_S)


def _context(step: Trace) -> Context:
    """What the SDK takes the parent from; empty for the first step of a trace."""
    if step.parent_id is None:
        return Context()
    flags = TraceFlags(TraceFlags.SAMPLED)
    parent = SpanContext(int(step.trace_id, 16), int(step.parent_id, 16), is_remote=True, trace_flags=flags)
    return set_span_in_context(NonRecordingSpan(parent), Context())


class _GivenIds(IdGenerator):
    """Hands the SDK the ids of the step at hand; set and used within one call, without an await between."""

    next: Trace

    def generate_span_id(self) -> int:
        return int(self.next.span_id, 16)

    def generate_trace_id(self) -> int:
        return int(self.next.trace_id, 16)


class _Told(SpanExporter):
    """Logs when a collector stops answering and when it answers again, once each."""

    def __init__(self, exporter: SpanExporter, service: str) -> None:
        self._exporter, self._service, self._away = exporter, service, False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._exporter.export(spans)
        away = result is not SpanExportResult.SUCCESS
        if away != self._away:
            self._away = away
            # in a thread of the SDK, where the service is not bound to the log
            event = "telemetry.collector_away" if away else "telemetry.collector_back"
            log.warning(event, service=self._service)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()
