//! Conformance driver of the Rust face: `--blocking` or `--async`.

use std::io::{BufRead, Write};

use agglestone::{AsyncClient, Client, Config, Error, PageRequest, Reply, Request};
use serde_json::{Map, Value, json};

/// The face under test. Its methods are the same, but for the waiting.
enum Face {
    Blocking(Client),
    Async(AsyncClient, tokio::runtime::Runtime),
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

fn main() {
    let asynchronous = std::env::args().any(|argument| argument == "--async");
    let mut face = None;
    for line in std::io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line.expect("stdin is text")).expect("a command is JSON");
        let answer = match answer(&command, &mut face, asynchronous) {
            Ok(value) => json!({ "ok": value }),
            Err(error) => json!({ "error": describe(&error) }),
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
            *face = Some(if asynchronous {
                let runtime = tokio::runtime::Runtime::new().expect("a runtime");
                Face::Async(AsyncClient::new(config), runtime)
            } else {
                Face::Blocking(Client::new(config))
            });
            return Ok(Value::Null);
        }
        "live_handles" => return Ok(agglestone::live::count().into()),
        _ => {}
    }
    let face = face.as_ref().expect("a client was made");
    let text = |name: &str| args.get(name).and_then(Value::as_str).unwrap_or_default();
    match name {
        "get_users" => {
            let number = |name: &str, default| args.get(name).and_then(Value::as_i64).unwrap_or(default);
            let page = PageRequest::new(number("page_number", 1), number("page_size", 10))?;
            Ok(json!(call!(face, get_users(page))?))
        }
        "get_user" => Ok(json!(call!(face, get_user(text("user_id")))?)),
        "exchange_api_key_for_token" => {
            Ok(call!(face, exchange_api_key_for_token(text("user_id")))?.expose().into())
        }
        "request" => Ok(response(&call!(face, request(request(&args)?))?)),
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

fn config(settings: &Map<String, Value>) -> Result<Config, Error> {
    let mut builder = Config::builder();
    for (name, value) in settings {
        let text = || value.as_str().unwrap_or_default().to_owned();
        let seconds = || value.as_f64().unwrap_or(f64::NAN);
        builder = match name.as_str() {
            "tenant_id" => builder.tenant_id(text()),
            "api_key" => builder.api_key(text()),
            "secondary_api_key" => builder.secondary_api_key(text()),
            "base_url" => builder.base_url(text()),
            "users_path" => builder.users_path(text()),
            "app_name" => builder.app_name(text()),
            "allow_insecure_http" => builder.allow_insecure_http(value.as_bool().unwrap_or_default()),
            "connect_timeout" => builder.connect_timeout(seconds()),
            "timeout" => builder.timeout(seconds()),
            "deadline" => builder.deadline(seconds()),
            other => panic!("unknown setting {other}"),
        };
    }
    builder.build()
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
    let headers: Map<String, Value> = reply
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let body: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
    json!({ "status": reply.status(), "headers": headers, "json": body })
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
        "service_message": error.service_message(),
        "attempts": error.attempts(),
    })
}
