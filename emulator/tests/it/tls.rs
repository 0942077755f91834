//! The emulator over TLS: its own certificate or a given one, HTTP/1.1 and HTTP/2, and faults over both.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agglestone_emulator::{Close, Emulator, Fault, Options, StartError};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio_rustls::TlsConnector;

use crate::cli::{Running, refused};

fn self_signed() -> Emulator {
    Options::new().tls_self_signed(None).start().expect("a start")
}

/// A client that trusts the authority in `ca` alone.
fn trusting(ca: &Path, protocol: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(ca).expect("a certificate")).expect("an authority");
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.as_bytes().to_vec()];
    Arc::new(config)
}

/// What `GET path` answers over HTTP/1.1, and whether the connection ended properly.
fn get(emulator: &Emulator, name: &str, path: &str) -> (String, bool) {
    let config = trusting(emulator.ca_file().expect("a file"), "http/1.1");
    let name = ServerName::try_from(name.to_owned()).expect("a name");
    let client = ClientConnection::new(config, name).expect("a client");
    let mut stream = StreamOwned::new(client, TcpStream::connect(emulator.address()).expect("it listens"));
    let key = emulator.primary_api_key();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: there\r\nx-api-key: {key}\r\nconnection: close\r\n\r\n")
        .expect("sent");
    let mut answer = Vec::new();
    let proper = stream.read_to_end(&mut answer).is_ok();
    (String::from_utf8(answer).expect("text"), proper)
}

#[test]
fn a_self_signed_certificate_is_verified_by_its_authority_for_every_name_of_the_emulator() {
    let options = Options::new().tls_self_signed(None).allowed_host("emulator");
    let emulator = options.start().expect("a start");
    assert_eq!(emulator.url(), format!("https://{}", emulator.address()));
    let path = format!("/tenant/{}/v2.0/Auth/.well-known/openid-configuration", emulator.tenant_id());
    for name in ["localhost", "127.0.0.1", "emulator"] {
        let (answer, proper) = get(&emulator, name, &path);
        assert!(answer.starts_with("HTTP/1.1 200 OK") && proper, "{answer}");
        assert!(answer.contains("\"issuer\":\"https://there/tenant/"), "{answer}");
    }
    let file = emulator.ca_file().expect("a file").to_owned();
    drop(emulator);
    assert!(!file.exists(), "the temporary file goes with the emulator");
}

#[test]
fn faults_cut_connections_over_tls_too() {
    let emulator = self_signed();
    emulator.add_fault(Fault::on("*").close(Close::Before));
    let (answer, proper) = get(&emulator, "localhost", "/x");
    assert!(answer.is_empty() && !proper, "{answer}");
    emulator.add_fault(Fault::on("*").raw("SSH-2.0\r\n"));
    assert_eq!(get(&emulator, "localhost", "/x"), ("SSH-2.0\r\n".to_owned(), true));
    emulator.add_fault(Fault::on("*").close(Close::MidBody));
    let (answer, proper) =
        get(&emulator, "localhost", &format!("/tenant/{}/api/Users", emulator.tenant_id()));
    assert!(answer.starts_with("HTTP/1.1 200 OK") && !answer.ends_with('}') && !proper, "{answer}");
}

#[test]
fn over_http2_a_fault_resets_the_request_and_not_the_connection() {
    let emulator = self_signed();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let connector = TlsConnector::from(trusting(emulator.ca_file().expect("a file"), "h2"));
        let tcp = tokio::net::TcpStream::connect(emulator.address()).await.expect("it listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = connector.connect(name, tcp).await.expect("a handshake");
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
        let connection = tokio::spawn(connection);
        let url = format!("{}/tenant/{}/api/Users", emulator.url(), emulator.tenant_id());
        let request = || {
            let request = Request::get(&url).header("x-api-key", emulator.primary_api_key());
            request.body(Body::empty()).expect("a request")
        };
        assert_eq!(sender.send_request(request()).await.expect("an answer").status(), StatusCode::OK);
        emulator.add_fault(Fault::on("*").close(Close::Before));
        sender.send_request(request()).await.expect_err("a reset stream");
        assert_eq!(sender.send_request(request()).await.expect("an answer").status(), StatusCode::OK);
        drop(sender);
        connection.await.expect("no panic").expect("a proper end");
    });
}

#[test]
fn a_given_certificate_is_served_and_a_wrong_one_is_refused_with_its_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    };
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["given.test".to_owned()]).expect("a certificate");
    let certificate = file("certificate.pem", &cert.pem());
    let key = file("key.pem", &signing_key.serialize_pem());
    let emulator = Options::new().tls_files(&certificate, &key).start().expect("a start");
    assert_eq!(emulator.ca_file(), None);
    let client =
        ClientConnection::new(trusting(&certificate, "http/1.1"), "given.test".try_into().expect("a name"));
    let tcp = TcpStream::connect(emulator.address()).expect("it listens");
    let mut stream = StreamOwned::new(client.expect("a client"), tcp);
    stream.write_all(b"GET /health HTTP/1.1\r\nhost: given.test\r\nconnection: close\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("text");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    let empty = file("empty.pem", "");
    for (certificate, key, named) in [
        (&empty, &key, "empty.pem"),
        (&certificate, &empty, "empty.pem"),
        (&certificate, &certificate, "certificate.pem"),
    ] {
        let error = Options::new().tls_files(certificate, key).start().expect_err("wrong files");
        assert!(matches!(error, StartError::Tls(_)) && error.to_string().contains(named), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn the_program_says_where_the_authority_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    let running = Running::start(&[
        "--port=0",
        "--json",
        "--tls=self-signed",
        "--tls-ca",
        file.to_str().expect("UTF-8"),
    ]);
    assert_eq!(running.ready()["caFile"], file.to_str().expect("UTF-8"));
    assert!(running.ready()["url"].as_str().expect("a URL").starts_with("https://"));
    CertificateDer::from_pem_file(&file).expect("a certificate");
    let (_, _, errors) = Running::start(&["--port=0", "--tls=self-signed"]).stop("-TERM");
    assert!(errors.contains("\nexport AGGLESTONE_CA_FILE="), "{errors}");
    let (code, errors) = refused(&["--port=0", "--tls-cert=a.pem"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--tls-key"), "{errors}");
}

#[test]
fn a_client_that_gives_an_answer_no_room_is_cut_although_it_answers_pings() {
    let options = Options::new().tls_self_signed(None).request_timeout(Duration::from_millis(300));
    let emulator = options.start().expect("a start");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let connector = TlsConnector::from(trusting(emulator.ca_file().expect("a file"), "h2"));
        let stream = tokio::net::TcpStream::connect(emulator.address()).await.expect("it listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let stream = connector.connect(name, stream).await.expect("a handshake");
        let (mut sender, connection) = http2::Builder::new(TokioExecutor::new())
            .initial_stream_window_size(0)
            .handshake::<_, Body>(TokioIo::new(stream))
            .await
            .expect("HTTP/2");
        let ended = tokio::spawn(connection);
        let url = format!("https://localhost/tenant/{}/api/v2.0/Users", emulator.tenant_id());
        let request = Request::get(url).header("x-api-key", emulator.primary_api_key());
        let answer =
            sender.send_request(request.body(Body::empty()).expect("a request")).await.expect("a head");
        assert_eq!(answer.status(), StatusCode::OK);
        let ended = tokio::time::timeout(Duration::from_secs(20), ended).await;
        assert!(ended.is_ok(), "the connection is still there");
    });
}
