//! Conformance driver of the Rust face: `--blocking` or `--async`.

#[path = "rust_shown.rs"]
mod shown;

use std::io::{BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};

use agglestone::binding::{self, Kind, SETTINGS};
use agglestone::{
    AsyncClient, CallOptions, Client, Config, Error, Event, GivenKeys, Operation, PageRequest, Reply,
    Request, SecretString, Token, TokenCheck, TraceContext,
};
use serde_json::{Map, Value, json};

/// The face under test. Its methods are the same, but for the waiting.
#[derive(Debug)]
enum Face {
    Blocking(Client),
    Async(AsyncClient, Arc<tokio::runtime::Runtime>),
}

impl Face {
    fn with_options(&self, options: CallOptions) -> Face {
        match self {
            Face::Blocking(client) => Face::Blocking(client.with_options(options)),
            Face::Async(client, runtime) => Face::Async(client.with_options(options), runtime.clone()),
        }
    }
}

/// The trace that the next calls belong to.
static TRACE: Mutex<Option<TraceContext>> = Mutex::new(None);

/// Events that nobody asked for yet.
static EVENTS: Mutex<Vec<(&str, String)>> = Mutex::new(Vec::new());

/// Calls a method of either client, as a user where the command says so, and waits for it.
macro_rules! call_as {
    ($face:expr, $as_user:expr, $method:ident($($argument:expr),*)) => {
        match ($face, $as_user) {
            (face, None) => call!(face, $method($($argument),*)),
            (Face::Blocking(client), Some(user)) => client.as_user(user)?.$method($($argument),*),
            (Face::Async(client, runtime), Some(user)) => runtime.block_on(client.as_user(user)?.$method($($argument),*)),
        }
    };
}

/// Calls a method of either client and waits for it.
macro_rules! call {
    ($face:expr, $method:ident($($argument:expr),*)) => {
        match $face {
            Face::Blocking(client) => client.$method($($argument),*),
            Face::Async(client, runtime) => runtime.block_on(client.$method($($argument),*)),
        }
    };
}

/// Calls a method of either client that does not wait for anything.
macro_rules! now {
    ($face:expr, $method:ident($($argument:expr),*)) => {
        match $face {
            Face::Blocking(client) => client.$method($($argument),*),
            Face::Async(client, _) => client.$method($($argument),*),
        }
    };
}

fn main() {
    let asynchronous = std::env::args().any(|argument| argument == "--async");
    shown::log_everything();
    let mut face = None;
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line.expect("stdin is text")).expect("a command is JSON");
        let answer = match answer(&command, &mut face, asynchronous) {
            Ok(value) => json!({ "ok": value }),
            Err(error) => {
                shown::error(&error);
                json!({ "error": describe(&error) })
            }
        };
        println!("{answer}");
        std::io::stdout().flush().expect("stdout is open");
    }
}

fn answer(command: &Value, face: &mut Option<Face>, asynchronous: bool) -> Result<Value, Error> {
    let args = command["args"].as_object().cloned().unwrap_or_default();
    let name = command["command"].as_str().expect("a command has a name");
    match name {
        "new_client" => {
            drop(face.take());
            let config = config(command["settings"].as_object().expect("settings are an object"))?;
            shown::debug(&config);
            shown::internals(&config);
            // What was made to be shown told its own.
            EVENTS.lock().expect("no panic while held").clear();
            *face = Some(if asynchronous {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                Face::Async(AsyncClient::new(config), Arc::new(runtime))
            } else {
                Face::Blocking(Client::new(config))
            });
            return Ok(Value::Null);
        }
        "show" => {
            if let Some(face) = face {
                shown::debug(face);
            }
            eprintln!("-- shown");
            return Ok(json!(shown::take()));
        }
        "observed" => return Ok(json!(shown::take_spans())),
        "live_handles" => return Ok(agglestone::binding::live_handles().into()),
        _ => {}
    }
    let face = &face.as_ref().expect("a client was made").with_options(options(&args)?);
    let given = |name: &str| args.get(name).and_then(Value::as_str);
    let text = |name: &str| given(name).unwrap_or_default();
    let as_user = given("as_user");
    let trace = TraceContext::of(text("traceparent"), text("tracestate"), text("baggage"));
    *TRACE.lock().expect("no panic while held") = Some(trace);
    match name {
        "get_users" => {
            let number = |name: &str, default| args.get(name).and_then(Value::as_i64).unwrap_or(default);
            let page = PageRequest::new(number("page_number", 1), number("page_size", 10))?;
            Ok(json!(call_as!(face, as_user, get_users(page))?))
        }
        "iter_users" => {
            all_users(face, as_user, args.get("page_size").and_then(Value::as_i64).unwrap_or(100))
        }
        "get_user" => Ok(json!(call_as!(face, as_user, get_user(text("user_id")))?)),
        "exchange_api_key_for_token" if args.get("fresh") == Some(&Value::Bool(true)) => {
            token(&call!(face, exchange_api_key_for_fresh_token(text("user_id")))?)
        }
        "exchange_api_key_for_token" | "get_token" => {
            token(&call!(face, exchange_api_key_for_token(text("user_id")))?)
        }
        "request" => Ok(response(&call_as!(face, as_user, request(request(&args)?))?)),
        "check_api_keys" => Ok(json!(call!(face, check_api_keys())?)),
        "verify_token" => {
            let claims = match given("check") {
                Some(name) => call!(face, verify_token_with(text("token"), TokenCheck::named(name)?))?,
                None => call!(face, verify_token(text("token")))?,
            };
            shown::debug(&claims);
            Ok(serde_json::from_str(claims.json()).expect("claims are JSON"))
        }
        "testing_panic" => Ok(json!(call!(face, call(Operation::TestingPanic))?.status())),
        "set_api_keys" => {
            let secondary = given("secondary").map(SecretString::from);
            now!(face, set_api_keys(text("primary"), secondary))?;
            Ok(Value::Null)
        }
        "key_usage" => Ok(json!(now!(face, key_usage())?)),
        "token_stats" => Ok(json!(now!(face, token_stats())?)),
        "forget_token" => Ok(json!(now!(face, forget_token(text("user_id")))?)),
        "forget_tokens" => Ok(json!(now!(face, forget_tokens())?)),
        "events" => Ok(told().into_iter().map(|(name, _)| name).collect()),
        "log" => Ok(told().into_iter().map(|(_, line)| line).collect()),
        "close_client" => {
            match face {
                Face::Blocking(client) => client.close(),
                Face::Async(client, _) => client.close(),
            }
            Ok(Value::Null)
        }
        other => panic!("unknown command {other}"),
    }
}

/// Names and lines of the events since the last time they were asked for.
fn told() -> Vec<(&'static str, String)> {
    std::mem::take(&mut *EVENTS.lock().expect("no panic while held"))
}

fn all_users(face: &Face, as_user: Option<&str>, page_size: i64) -> Result<Value, Error> {
    let users = match (face, as_user) {
        (Face::Blocking(client), None) => client.iter_users(page_size)?.collect::<Result<Vec<_>, _>>()?,
        (Face::Blocking(client), Some(user)) => {
            client.as_user(user)?.iter_users(page_size)?.collect::<Result<Vec<_>, _>>()?
        }
        (Face::Async(client, runtime), as_user) => runtime.block_on(async {
            let user = as_user.map(|user| client.as_user(user)).transpose()?;
            let mut users = match &user {
                None => client.iter_users(page_size)?,
                Some(user) => user.iter_users(page_size)?,
            };
            let mut all = Vec::new();
            while let Some(user) = users.next().await {
                all.push(user?);
            }
            Ok::<_, Error>(all)
        })?,
    };
    Ok(json!(users))
}

fn options(args: &Map<String, Value>) -> Result<CallOptions, Error> {
    let mut options = CallOptions::new();
    for setting in SETTINGS.iter().filter(|setting| setting.per_call) {
        let Some(value) = args.get(setting.name) else { continue };
        let value = match setting.kind {
            Kind::Span => binding::Value::Span(value.as_f64().unwrap_or(f64::NAN).into()),
            _ => binding::Value::Number(value.as_i64().unwrap_or(i64::MIN)),
        };
        options = options.set(setting, value)?;
    }
    Ok(options)
}

fn token(token: &Token) -> Result<Value, Error> {
    shown::debug(token);
    Ok(token.expose().into())
}

fn config(settings: &Map<String, Value>) -> Result<Config, Error> {
    let tell = |event: &Event| {
        shown::debug(event);
        let line = format!("{} {}: {event}", event.level().name(), event.name());
        EVENTS.lock().expect("no panic while held").push((event.name(), line));
    };
    let trace = || TRACE.lock().expect("no panic while held").clone();
    let mut builder = Config::builder().on_event(tell).trace_context(trace);
    for (name, value) in settings {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let seconds = || value.as_f64().unwrap_or_else(|| text().parse().expect("a number"));
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let setting = setting.unwrap_or_else(|| panic!("unknown setting {name}"));
        let value = match setting.kind {
            Kind::Text => binding::Value::Text(text()),
            Kind::Secret => binding::Value::Secret(text().into()),
            Kind::Path => binding::Value::Path(text().into()),
            Kind::Flag => binding::Value::Flag(value.as_bool().unwrap_or_default()),
            Kind::Span => binding::Value::Span(seconds().into()),
            Kind::Number => binding::Value::Number(value.as_i64().unwrap_or(i64::MIN)),
            Kind::KeySource => {
                binding::Value::KeySource(Arc::new(key_source(value.as_array().expect("answers").clone())))
            }
        };
        builder = builder.set(setting, value);
    }
    shown::debug(&builder);
    builder.build()
}

/// Gives the answers in turn, the last one again and again.
fn key_source(answers: Vec<Value>) -> impl Fn() -> Result<GivenKeys, String> + Send + Sync {
    let asked = AtomicUsize::new(0);
    move || {
        let answer = &answers[asked.fetch_add(1, SeqCst).min(answers.len() - 1)];
        let text = |name: &str| answer[name].as_str();
        match text("failure") {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(GivenKeys {
                primary: text("primary").expect("a primary key").into(),
                secondary: text("secondary").map(SecretString::from),
            }),
        }
    }
}

fn request(args: &Map<String, Value>) -> Result<Request, Error> {
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    let pairs = |name: &str| args.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut request = Request::new(text("method"), text("path"))?;
    for (name, value) in pairs("query") {
        request = request.query(name, plain(&value));
    }
    for (name, value) in pairs("headers") {
        request = request.header(&name, &plain(&value))?;
    }
    match args.get("json") {
        Some(body) => request.json(body.to_string()),
        None => Ok(request),
    }
}

fn response(reply: &Reply) -> Value {
    shown::debug(reply);
    let headers: Map<String, Value> = reply
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let body: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
    json!({ "status": reply.status(), "attempts": reply.attempts(), "headers": headers, "json": body })
}

fn describe(error: &Error) -> Value {
    json!({
        "code": error.code().number(),
        "name": error.code().name(),
        "message": error.message(),
        "status": error.status(),
        "request_id": error.request_id(),
        "retry_after": error.retry_after().map(|wait| wait.as_secs_f64()),
        "retryable": error.retryable(),
        "argument": error.argument_name(),
        "reason": error.reason(),
        "service_message": error.service_message(),
        "attempts": error.attempts(),
    })
}
