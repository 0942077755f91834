//! Calls and attempts as spans of `tracing`, by OpenTelemetry's names for HTTP clients.

use tracing::field::Empty;
use tracing::{Span, info_span};

use crate::observation::{Account, Attempt};

/// A span for a call, in the current one; `None` where nobody collects it.
pub(crate) fn call() -> Option<Span> {
    let span = info_span!(
        target: "agglestone",
        "call",
        otel.name = Empty,
        otel.status_code = Empty,
        http.request.method = Empty,
        url.template = Empty,
        server.address = Empty,
        server.port = Empty,
        "error.type" = Empty,
        agglestone.attempts = Empty,
        agglestone.failovers = Empty,
        agglestone.token = Empty,
        agglestone.token_store = Empty,
    );
    (!span.is_disabled()).then_some(span)
}

/// Writes into it what the call came to.
pub(crate) fn end_call(span: &Span, account: &Account) {
    let Account { method, route, server_address, server_port, error, token, token_store, .. } = account;
    let Account { failovers, attempts, .. } = account;
    span.record("otel.name", format!("{method} {route}"));
    span.record("http.request.method", method);
    span.record("url.template", &**route);
    span.record("server.address", &**server_address);
    span.record("server.port", server_port);
    span.record("agglestone.attempts", attempts.len());
    span.record("agglestone.failovers", failovers);
    if let Some(token) = token {
        span.record("agglestone.token", token.name());
    }
    if let Some(state) = token_store {
        span.record("agglestone.token_store", state);
    }
    if let Some(error) = error {
        span.record("error.type", error.name());
        span.record("otel.status_code", "ERROR");
    }
}

/// A span for an attempt, in the call's.
pub(crate) fn attempt(parent: &Span, account: &Account, attempt: &Attempt) -> Span {
    let Attempt { method, route, resends, credential, fingerprint, .. } = attempt;
    let span = info_span!(
        target: "agglestone",
        parent: parent,
        "attempt",
        otel.name = format!("{method} {route}"),
        otel.kind = "client",
        otel.status_code = Empty,
        http.request.method = method,
        url.template = &**route,
        server.address = &*account.server_address,
        server.port = account.server_port,
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        "error.type" = Empty,
        agglestone.credential = *credential,
        agglestone.key.fingerprint = fingerprint.as_deref(),
        agglestone.connection_wait = Empty,
        agglestone.request_id = Empty,
    );
    if *resends > 0 {
        span.record("http.request.resend_count", resends);
    }
    span
}

/// Writes into it what the attempt came to.
pub(crate) fn end_attempt(span: &Span, attempt: &Attempt) {
    if let Some(status) = attempt.status {
        span.record("http.response.status_code", status);
    }
    if let Some(error) = &attempt.error_type {
        span.record("error.type", &**error);
        span.record("otel.status_code", "ERROR");
    }
    if let Some(wait) = attempt.connection_wait {
        span.record("agglestone.connection_wait", wait as f64 / 1e6);
    }
    if let Some(id) = &attempt.request_id {
        span.record("agglestone.request_id", &**id);
    }
}
