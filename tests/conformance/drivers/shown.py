"""Everything that Python prints of what its driver has had in hand, for the search for secrets."""

import base64
import copy
import json
import logging
import pickle
import pprint
import sys
import traceback
from pathlib import Path

from opentelemetry import metrics, trace
from opentelemetry.sdk.metrics import Counter, Histogram, MeterProvider
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import agglestone

PACKAGE = str(Path(agglestone.__file__).parent)
# What an object is there to give: everything else of it may be printed.
GIVEN = {"token", "content", "text", "json"}


class Shown:
    """Keeps every printed form of the values it is given until they are taken."""

    def __init__(self):
        self.texts = []

    def add(self, value):
        self.texts += [repr(value), str(value), f"{value}", f"{[value]!r}", pprint.pformat(value)]
        self.texts += [repr(getattr(value, "__dict__", None)), json.dumps([value], default=repr)]
        for name in set(dir(value)) - GIVEN:
            self.texts.append(repr(getattr(value, name, None)))
        # An answer is kept whole by a pickle, for whoever asked for it.
        if not isinstance(value, agglestone.Response):
            for dump in (pickle.dumps, copy.copy, copy.deepcopy):
                self.texts.append(self.attempt(dump, value))

    def add_error(self, error):
        """An error with its traceback, and the variables of the library's frames, which error trackers print."""
        self.add(error)
        self.texts.append("".join(traceback.format_exception(error)))
        for frame, _ in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename.startswith(PACKAGE):
                self.texts.append(repr(frame.f_locals))

    def take(self):
        taken = self.texts
        self.texts = []
        return taken

    @staticmethod
    def attempt(dump, value):
        try:
            made = dump(value)
        except TypeError as refused:
            return str(refused)
        return f"base64:{base64.b64encode(made).decode()}" if isinstance(made, bytes) else repr(made)


class Observed:
    """What spans and metrics say of calls."""

    def __init__(self):
        # What came since the last time alone.
        delta = dict.fromkeys((Counter, Histogram), AggregationTemporality.DELTA)
        self.spans, self.metrics = InMemorySpanExporter(), InMemoryMetricReader(delta)
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.spans))
        trace.set_tracer_provider(provider)
        metrics.set_meter_provider(MeterProvider([self.metrics]))

    def take(self):
        taken = [span.to_json() for span in self.spans.get_finished_spans()]
        self.spans.clear()
        counted = self.metrics.get_metrics_data()
        return taken + ([] if counted is None else [counted.to_json()])


class Loudest(logging.Handler):
    """Prints everything about every record, from whoever it comes."""

    def emit(self, record):
        print(f"{record.getMessage()} {vars(record)}", file=sys.stderr, flush=True)


def log_everything():
    logging.captureWarnings(True)
    logging.getLogger().addHandler(Loudest())
    logging.getLogger().setLevel(logging.NOTSET)
