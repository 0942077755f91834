//! The same page by the libraries below the client: `reqwest`, `reqwest-blocking`, `hyper-util`, and by a socket alone: `socket`.

#![forbid(unsafe_code)]

mod measure;

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use measure::Work;

fn main() -> Result<()> {
    let work = Work::from_args()?;
    match work.way.as_str() {
        "reqwest" => reqwest_async(&work),
        "reqwest-blocking" => reqwest_blocking(&work),
        "hyper-util" => hyper_util(&work),
        "socket" => socket(&work),
        other => bail!("no way is called {other}"),
    }
}

/// The certificate that the server of this run has, if it has one.
fn root() -> Result<Option<reqwest::Certificate>> {
    let Ok(path) = std::env::var("AGGLESTONE_CA_FILE") else { return Ok(None) };
    Ok(Some(reqwest::Certificate::from_pem(&std::fs::read(path)?)?))
}

fn key() -> Result<String> {
    std::env::var("AGGLESTONE_API_KEY").context("AGGLESTONE_API_KEY is not set")
}

fn reqwest_async(work: &Work) -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder();
    if let Some(root) = root()? {
        builder = builder.tls_certs_only([root]);
    }
    let (client, url, key) = (builder.build()?, reqwest::Url::parse(&measure::page_url()?)?, key()?);
    let runtime = measure::runtime()?;
    let call = move || {
        let request = client.get(url.clone()).header("X-API-Key", &key);
        async move {
            black_box(request.send().await?.error_for_status()?.bytes().await?);
            Ok(())
        }
    };
    work.measure(|calls| work.in_tasks(&runtime, calls, call.clone()))
}

fn reqwest_blocking(work: &Work) -> Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::blocking::Client::builder();
    if let Some(root) = root()? {
        builder = builder.tls_certs_only([root]);
    }
    let (client, url, key) = (builder.build()?, reqwest::Url::parse(&measure::page_url()?)?, key()?);
    work.measure(|calls| {
        work.in_threads(calls, || {
            black_box(client.get(url.clone()).header("X-API-Key", &key).send()?.error_for_status()?.bytes()?);
            Ok(())
        })
    })
}

fn hyper_util(work: &Work) -> Result<()> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
    let (uri, key) = (measure::page_url()?.parse::<http::Uri>()?, key()?);
    let runtime = measure::runtime()?;
    let call = move || {
        let request = http::Request::get(uri.clone()).header("x-api-key", &key).body(Empty::new());
        let answer = request.map(|request| client.request(request));
        async move {
            let answer = answer?.await?;
            ensure!(answer.status() == 200, "the answer is {}", answer.status());
            black_box(answer.into_body().collect().await?.to_bytes());
            Ok(())
        }
    };
    work.measure(|calls| work.in_tasks(&runtime, calls, call.clone()))
}

/// The floor: a connection kept open, one write and as many reads as the answer takes.
fn socket(work: &Work) -> Result<()> {
    let url = measure::page_url()?;
    let (host, path) =
        url.strip_prefix("http://").and_then(|rest| rest.split_once('/')).context("it is plain http")?;
    let request = format!("GET /{path} HTTP/1.1\r\nhost: {host}\r\nx-api-key: {}\r\n\r\n", key()?);
    work.measure(|calls| {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..work.at_once)
                .map(|index| {
                    let (share, request) = (work.share(calls, index), &request);
                    scope.spawn(move || keep_asking(host, request, share))
                })
                .collect();
            threads.into_iter().try_for_each(|thread| thread.join().expect("no call panics"))
        })
    })
}

fn keep_asking(host: &str, request: &str, calls: usize) -> Result<()> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_nodelay(true)?;
    let mut buffer = vec![0; 64 * 1024];
    // The answers are all alike: the first one tells their length.
    let mut length = None;
    for _ in 0..calls {
        stream.write_all(request.as_bytes())?;
        let mut filled = 0;
        while length.is_none_or(|length| filled < length) {
            let read = stream.read(&mut buffer[filled..])?;
            ensure!(read > 0, "the server hung up");
            filled += read;
            length = length.or_else(|| answer_length(&buffer[..filled]));
        }
        black_box(&buffer[..filled]);
    }
    Ok(())
}

fn answer_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).ok()?;
    let length: usize = text.split("content-length: ").nth(1)?.lines().next()?.parse().ok()?;
    Some(head + length)
}
