//! Certificates: the right one from an authority that is trusted, and every wrong one refused as TLS.

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use agglestone::{Client, Code, Config, PageRequest};
use rcgen::{Issuer, KeyPair};
use rustls::{ServerConnection, StreamOwned};
use support::{authority, server_tls};

/// An https server on `localhost` with a certificate for `name`, good until `year`.
fn server(issuer: &Issuer<'static, KeyPair>, name: &str, year: i32) -> String {
    let config = Arc::new(server_tls(issuer, name, year));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let session = ServerConnection::new(config.clone()).unwrap();
            let mut stream = StreamOwned::new(session, connection.unwrap());
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok_and(|read| read > 0) {
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{\"data\":[]}");
            }
        }
    });
    format!("https://localhost:{port}")
}

fn outcome(url: &str, ca: Option<&str>) -> Result<(), Code> {
    let mut builder = Config::builder().tenant_id("t").api_key("k").base_url(url).max_retries(0);
    if let Some(pem) = ca {
        builder = builder.ca_pem(pem);
    }
    let result = Client::new(builder.build().unwrap()).get_users(PageRequest::default());
    result.map(|_| ()).map_err(|error| error.code())
}

#[test]
fn an_extra_authority_makes_its_certificates_right_and_only_those() {
    let (issuer, pem) = authority();
    let (_, other) = authority();
    let url = server(&issuer, "localhost", 2090);
    assert_eq!(outcome(&url, Some(&pem)), Ok(()));
    assert_eq!(outcome(&url, None), Err(Code::Tls), "an unknown authority");
    assert_eq!(outcome(&url, Some(&other)), Err(Code::Tls), "another authority");
}

#[test]
fn a_certificate_for_another_host_or_a_past_time_is_refused() {
    let (issuer, pem) = authority();
    assert_eq!(outcome(&server(&issuer, "other.example", 2090), Some(&pem)), Err(Code::Tls));
    assert_eq!(outcome(&server(&issuer, "localhost", 2021), Some(&pem)), Err(Code::Tls));
}

#[test]
fn plain_http_on_an_https_address_is_tls_too() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let _ = connection.unwrap().write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    assert_eq!(outcome(&url, None), Err(Code::Tls));
}

#[test]
fn an_authority_from_a_file_must_be_there_and_hold_certificates() {
    let (_, pem) = authority();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let build = || Config::builder().tenant_id("t").api_key("k").ca_file(&path).build();
    let error = build().unwrap_err();
    assert!(error.message().contains("`ca_file`") && error.message().contains("ca.pem"), "{error}");
    std::fs::write(&path, "no certificate").unwrap();
    assert!(build().unwrap_err().message().contains("PEM"));
    std::fs::write(&path, pem).unwrap();
    assert!(build().is_ok());
}
