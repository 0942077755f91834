//! Calls of the Rust clients as spans of `tracing`, seen by a layer within the process.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use agglestone::{
    AsyncClient, CallOptions, Client, Code, Config, ConfigBuilder, PageRequest, TokenFrom, TraceContext,
};
use agglestone::{Observation, Operation, UserId};
use agglestone_emulator::{Emulator, Fault, Slot};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Span, Subscriber, info_span};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

/// What is known of a span: its fields, and the name of the span that it is in.
#[derive(Clone, Debug, Default)]
struct Seen {
    name: &'static str,
    parent: Option<String>,
    fields: BTreeMap<&'static str, String>,
    closed: bool,
}

impl Seen {
    fn of(&self, field: &str) -> &str {
        self.fields.get(field).map_or("", String::as_str)
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}").trim_matches('"').to_owned());
    }
}

#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<(Id, Seen)>>>, Lines);

/// Lines of the log, by their levels.
type Lines = Arc<Mutex<Vec<Seen>>>;

impl Spans {
    fn change(&self, id: &Id, change: impl FnOnce(&mut Seen)) {
        let mut spans = self.0.lock().unwrap();
        if let Some((_, seen)) = spans.iter_mut().rev().find(|(known, _)| known == id) {
            change(seen);
        }
    }

    fn named(&self, name: &str) -> Vec<Seen> {
        let spans = self.0.lock().unwrap();
        spans.iter().map(|(_, seen)| seen.clone()).filter(|seen| seen.name == name).collect()
    }

    /// The span of the one call, those of its attempts, and everything that they say.
    fn of_call(&self) -> (Seen, Vec<Seen>, String) {
        let (calls, attempts) = (self.named("call"), self.named("attempt"));
        assert_eq!(calls.len(), 1);
        assert!(calls.iter().chain(&attempts).all(|seen| seen.closed), "{calls:?} {attempts:?}");
        assert!(attempts.iter().all(|seen| seen.parent.as_deref() == Some("call")));
        let text = format!("{calls:?} {attempts:?}");
        (calls.into_iter().next().unwrap(), attempts, text)
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let parent = span.parent().map(|parent| parent.name().to_owned());
        let mut seen = Seen { name: span.name(), parent, ..Seen::default() };
        attributes.record(&mut seen);
        self.0.lock().unwrap().push((id.clone(), seen));
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Context<'_, S>) {
        self.change(id, |seen| values.record(seen));
    }

    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut seen = Seen { name: event.metadata().level().as_str(), ..Seen::default() };
        if event.metadata().target() == "agglestone" {
            event.record(&mut seen);
            self.1.lock().unwrap().push(seen);
        }
    }

    fn on_close(&self, id: Id, _: Context<'_, S>) {
        self.change(&id, |seen| seen.closed = true);
    }
}

fn config(emulator: &Emulator) -> ConfigBuilder {
    Config::builder()
        .tenant_id(emulator.tenant_id())
        .api_key(emulator.primary_api_key())
        .secondary_api_key(emulator.secondary_api_key())
        .base_url(emulator.url())
}

/// The process has one subscriber, which the I/O thread sees too, so one test runs at a time.
static ONE: Mutex<()> = Mutex::new(());

fn seen(run: impl FnOnce(&Emulator)) -> Spans {
    static SPANS: LazyLock<Spans> = LazyLock::new(|| {
        let spans = Spans::default();
        let subscriber = tracing_subscriber::registry().with(spans.clone());
        tracing::subscriber::set_global_default(subscriber).unwrap();
        spans
    });
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    SPANS.0.lock().unwrap().clear();
    SPANS.1.lock().unwrap().clear();
    let emulator = agglestone_emulator::start();
    info_span!("ours").in_scope(|| run(&emulator));
    Spans(
        Arc::new(Mutex::new(SPANS.0.lock().unwrap().clone())),
        Arc::new(Mutex::new(SPANS.1.lock().unwrap().clone())),
    )
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn a_blocking_call_is_a_span_with_one_for_each_attempt() {
    let spans = seen(|emulator| {
        emulator.add_fault(Fault::on("*/Users").answer(503).times(1));
        Client::new(config(emulator).build().unwrap()).get_users(PageRequest::default()).unwrap();
    });
    let (call, attempts, text) = spans.of_call();
    assert_eq!(call.parent.as_deref(), Some("ours"));
    assert_eq!((call.of("otel.name"), call.of("error.type")), ("GET users", ""));
    let names =
        ["http.request.method", "url.template", "http.response.status_code", "http.request.resend_count"];
    let seen: Vec<_> = attempts.iter().map(|attempt| names.map(|name| attempt.of(name))).collect();
    assert_eq!(seen, [["GET", "users", "503", ""], ["GET", "users", "200", "1"]]);
    assert_eq!((attempts[0].of("error.type"), attempts[0].of("otel.status_code")), ("503", "ERROR"));
    assert_eq!((attempts[1].of("agglestone.credential"), attempts[1].of("otel.kind")), ("primary", "client"));
    assert!(!text.contains("pageNumber"), "{text}");
}

#[test]
fn a_call_of_the_asynchronous_client_is_a_span_in_that_of_its_caller() {
    let spans = seen(|emulator| {
        let client = AsyncClient::new(config(emulator).build().unwrap());
        emulator.generate_key(Slot::Primary);
        wait(client.get_user("planted-id")).unwrap_err();
    });
    let (call, attempts, text) = spans.of_call();
    assert_eq!(call.parent.as_deref(), Some("ours"));
    let names = ["otel.name", "error.type", "agglestone.failovers"].map(|name| call.of(name));
    assert_eq!(names, ["GET users/{userId}", "NOT_FOUND", "1"]);
    let seen: Vec<_> = attempts.iter().map(|attempt| attempt.of("agglestone.credential")).collect();
    assert_eq!(seen, ["primary", "secondary"]);
    assert!(!text.contains("planted"), "{text}");
}

#[cfg(feature = "token-store")]
#[test]
fn a_users_call_says_where_its_token_is_from_and_how_the_token_store_is() {
    let spans = seen(|emulator| {
        let config =
            config(emulator).token_store("redis://127.0.0.1:1").token_store_key("planted-".repeat(5));
        let client = Client::new(config.build().unwrap());
        let user = UserId::new("b95816fe-f4ab-49ac-889a-e6a161005339").unwrap();
        client.call(Operation::GetUsers(PageRequest::default()).as_user(user).unwrap()).unwrap();
    });
    let (call, _, text) = spans.of_call();
    let names = ["agglestone.token", "agglestone.token_store"].map(|name| call.of(name));
    assert_eq!(names, ["exchange", "down"]);
    assert!(!text.contains("planted") && !text.contains("b95816fe"), "{text}");
}

#[test]
fn a_call_that_is_dropped_ends_its_spans_as_cancelled() {
    let spans = seen(|emulator| {
        emulator.add_fault(Fault::on("*/Users").delay(std::time::Duration::from_secs(300)));
        let client = AsyncClient::new(config(emulator).build().unwrap());
        wait(async {
            let call = std::pin::pin!(client.get_users(PageRequest::default()));
            let arrived = async {
                while emulator.requests().is_empty() {
                    tokio::task::yield_now().await;
                }
            };
            tokio::select! { _ = call => panic!("it can't end"), () = arrived => {} }
        });
        // The task is dropped on the I/O thread.
        while agglestone::binding::live_handles() > 1 {
            std::thread::yield_now();
        }
    });
    let (call, attempts, _) = spans.of_call();
    assert_eq!((call.of("error.type"), attempts[0].of("error.type")), ("CANCELLED", "CANCELLED"));
}

#[test]
fn the_trace_is_asked_for_within_the_calls_span_and_sent() {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let asked = Arc::new(Mutex::new(Vec::new()));
    let within = asked.clone();
    seen(|emulator| {
        let config = config(emulator).trace_context(move || {
            within.lock().unwrap().push(Span::current().metadata().map(|span| span.name()));
            TraceContext::new(TRACE).ok()
        });
        Client::new(config.build().unwrap()).get_users(PageRequest::default()).unwrap();
    });
    assert_eq!(*asked.lock().unwrap(), [Some("call")]);
}

#[test]
fn lines_of_the_request_log_have_fields() {
    let lines = seen(|emulator| {
        emulator.add_fault(Fault::on("*/Users").answer(503).times(1));
        let config = config(emulator).request_log(true).build().unwrap();
        Client::new(config).get_users(PageRequest::default()).unwrap();
    })
    .1;
    let lines = lines.lock().unwrap();
    let of =
        |line: &Seen, names: &[&str]| names.iter().map(|name| line.of(name)).collect::<Vec<_>>().join(" ");
    let shown = lines.iter().map(|line| {
        format!("{} {}", line.name, of(line, &["event", "method", "route", "status", "attempt", "attempts"]))
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        ["DEBUG request GET users 503 1 ", "DEBUG request GET users 200 2 ", "INFO call GET users 200  2"]
    );
    assert!(
        lines[0].of("credential") == "primary"
            && lines[0].of("fingerprint").len() == 8
            && !lines[1].of("request_id").is_empty()
    );
    assert!(lines.iter().all(|line| line.of("duration").parse::<f64>().unwrap() > 0.0), "{lines:?}");
}

#[test]
fn an_observed_call_gives_an_account_of_itself() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let emulator = agglestone_emulator::start();
    let client = Client::new(config(&emulator).build().unwrap());
    let user = client.get_users(PageRequest::default()).unwrap().data.remove(0).user_id;
    let observe = || {
        let observation = Observation::new(TraceContext::default());
        let operation = Operation::GetUsers(PageRequest::default()).as_user(UserId::new(&user).unwrap());
        let call = operation.unwrap().with(CallOptions::new()).observed(observation.clone());
        let result = client.call(call);
        (result, observation.account())
    };
    let (_, account) = observe();
    assert_eq!((account.token, account.attempts.len()), (Some(TokenFrom::Exchange), 2));
    assert!(account.attempts.iter().all(|attempt| attempt.duration.is_some()));
    let (_, account) = observe();
    assert_eq!((account.token, account.attempts.len()), (Some(TokenFrom::Cache), 1));
    assert_eq!(account.token_store, None);
    client.close();
    let (result, account) = observe();
    assert_eq!((result.unwrap_err().code(), account.attempts.len()), (Code::Closed, 0));
}
