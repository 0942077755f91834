//! How connections are used, over real sockets: how many, how long, and what becomes of calls when they end. Each for calls that
//! block, on connections of their own, and for calls that are started, on those of the I/O thread.

#[path = "support/server.rs"]
mod server;

use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, sleep};
use std::time::Duration;

use agglestone::binding::{Session, run_in_lane, start};
use agglestone::{CallOptions, Code, Config, ConfigBuilder, Error, Invocation, Operation, Reply, Request};
use server::{Manner, Server};

#[derive(Clone, Copy, Debug)]
enum Way {
    Blocking,
    Started,
}

const WAYS: [Way; 2] = [Way::Blocking, Way::Started];

fn call(way: Way, session: &Arc<Session>, method: &str) -> Result<Reply, Error> {
    run(way, session, Operation::Request(Request::new(method, "a").unwrap()))
}

fn run(way: Way, session: &Arc<Session>, invocation: impl Into<Invocation>) -> Result<Reply, Error> {
    match way {
        Way::Blocking => run_in_lane(session, invocation),
        Way::Started => {
            let (sender, receiver) = channel();
            start(session.clone(), invocation, move |result| sender.send(result).unwrap());
            receiver.recv().unwrap()
        }
    }
}

fn session(server: &Server, set: impl FnOnce(ConfigBuilder) -> ConfigBuilder) -> Arc<Session> {
    let config = Config::builder().tenant_id("t").api_key("k").base_url(server.url());
    Arc::new(Session::new(set(config).build().unwrap()))
}

/// The same in both ways at once, each with a server of its own.
fn both(manner: Manner, test: impl Fn(Way, &Server) + Send + Copy + 'static) {
    let tests = WAYS.map(|way| thread::spawn(move || test(way, &Server::start(manner))));
    tests.into_iter().for_each(|test| test.join().unwrap());
}

/// Runs calls at once; how they ended.
fn at_once(
    way: Way,
    session: &Arc<Session>,
    methods: impl Iterator<Item = &'static str>,
) -> Vec<Result<Reply, Error>> {
    let calls: Vec<_> = methods
        .map(|method| {
            let session = session.clone();
            thread::spawn(move || call(way, &session, method))
        })
        .collect();
    calls.into_iter().map(|call| call.join().unwrap()).collect()
}

fn failed(outcomes: &[Result<Reply, Error>]) -> Vec<&Error> {
    outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect()
}

#[test]
fn one_call_after_another_is_one_connection() {
    both(Manner::default(), |way, server| {
        let session = session(server, |config| config);
        (0..20).for_each(|_| drop(call(way, &session, "GET").unwrap()));
        assert_eq!(server.connections(), 1, "{way:?}");
    });
}

#[test]
fn calls_beyond_the_limit_wait_for_a_connection() {
    both(Manner { delay: Duration::from_millis(20), ..Manner::default() }, |way, server| {
        let session = session(server, |config| config.max_connections(4));
        let outcomes = at_once(way, &session, ["POST"; 32].into_iter());
        assert!(failed(&outcomes).is_empty(), "{outcomes:?}");
        assert!(server.most_at_once() <= 4, "{way:?}: {}", server.most_at_once());
        if matches!(way, Way::Started) {
            assert!(server.connections() <= 4, "{}", server.connections());
        }
    });
}

#[test]
fn a_call_that_never_gets_a_connection_says_so() {
    both(Manner { delay: Duration::from_secs(3), ..Manner::default() }, |way, server| {
        let session = session(server, |config| config.max_connections(1));
        let holder = {
            let session = session.clone();
            thread::spawn(move || call(way, &session, "GET"))
        };
        server.wait_until_asked();
        let get = Operation::Request(Request::new("GET", "a").unwrap());
        let hasty = get.with(CallOptions::new().deadline(0.3).unwrap());
        let error = run(way, &session, hasty).unwrap_err();
        assert_eq!(error.code(), Code::Timeout);
        assert!(error.message().contains("max_connections"), "{way:?}: {error}");
        holder.join().unwrap().unwrap();
    });
}

#[test]
fn a_connection_that_has_grown_old_is_replaced() {
    both(Manner::default(), |way, server| {
        let spread = |session: &Arc<Session>| {
            for _ in 0..12 {
                call(way, session, "GET").unwrap();
                sleep(Duration::from_millis(50));
            }
        };
        spread(&session(server, |config| config.connection_max_age(0.0)));
        assert_eq!(server.connections(), 1, "{way:?}: none grows old");
        spread(&session(server, |config| config.connection_max_age(0.2)));
        assert!(server.connections() >= 3, "{way:?}: {}", server.connections());
    });
}

#[test]
fn idle_connections_are_closed_although_no_call_comes() {
    both(Manner::default(), |way, server| {
        let session = session(server, |config| config.idle_timeout(0.3));
        assert!(failed(&at_once(way, &session, ["GET"; 4].into_iter())).is_empty());
        server.wait_until_all_are_closed();
        call(way, &session, "GET").unwrap();
    });
}

#[test]
fn what_the_service_says_of_idle_connections_is_believed() {
    both(Manner { keep_alive: Some("timeout=1, max=100"), ..Manner::default() }, |way, server| {
        let session = session(server, |config| config);
        for _ in 0..2 {
            call(way, &session, "GET").unwrap();
            call(way, &session, "GET").unwrap();
            sleep(Duration::from_millis(950));
        }
        assert_eq!(server.connections(), 2, "{way:?}");
    });
}

/// The request and the end of the connection cross on the way, again and again.
#[test]
fn a_service_that_closes_idle_connections_costs_a_client_one_post_at_most_and_no_get() {
    const IDLE: Duration = Duration::from_millis(600);
    both(Manner { idle: Some(IDLE), ..Manner::default() }, |way, server| {
        let url = server.url();
        let clients = (0..10).map(|client| {
            let config = Config::builder().tenant_id("t").api_key("k").base_url(&url).build().unwrap();
            let method = if client < 8 { "POST" } else { "GET" };
            thread::spawn(move || {
                let session = Arc::new(Session::new(config));
                let calls = (0..8).map(|_| {
                    sleep(IDLE);
                    call(way, &session, method)
                });
                (method, failed(&calls.collect::<Vec<_>>()).len())
            })
        });
        for client in clients.collect::<Vec<_>>() {
            let (method, lost) = client.join().unwrap();
            assert!(lost <= usize::from(method == "POST"), "{way:?}: {lost} {method}");
        }
    });
}

/// As after a container was frozen and thawed.
#[test]
fn when_all_idle_connections_end_together_no_call_is_lost() {
    both(Manner::default(), |way, server| {
        let session = session(server, |config| config.max_retries(0));
        assert!(failed(&at_once(way, &session, ["GET"; 16].into_iter())).is_empty());
        server.end_all_connections();
        let outcomes = at_once(way, &session, ["POST", "GET"].repeat(40).into_iter());
        assert!(failed(&outcomes).is_empty(), "{way:?}: {:?}", failed(&outcomes));
        // And it is no reason to think that the service keeps connections for no time.
        let before = server.connections();
        for _ in 0..5 {
            sleep(Duration::from_millis(50));
            call(way, &session, "GET").unwrap();
        }
        assert_eq!(server.connections(), before, "{way:?}");
    });
}

#[test]
fn no_get_is_lost_when_the_service_is_replaced_under_load() {
    both(Manner::default(), |way, server| {
        let session = session(server, |config| config.max_retries(0));
        call(way, &session, "GET").unwrap();
        let callers: Vec<_> = (0..8)
            .map(|_| {
                let session = session.clone();
                thread::spawn(move || {
                    (0..40)
                        .map(|_| {
                            sleep(Duration::from_millis(25));
                            call(way, &session, "GET")
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        sleep(Duration::from_millis(200));
        server.restart(Duration::from_millis(1500));
        for caller in callers {
            let outcomes = caller.join().unwrap();
            assert!(failed(&outcomes).is_empty(), "{way:?}: {:?}", failed(&outcomes));
        }
    });
}

/// In a process of its own, which may open no more files than a few; the server is outside of it.
#[test]
fn a_process_that_may_open_no_more_files_is_told_so() {
    const URL: &str = "AGG_TEST_FEW_FILES_URL";
    const NAME: &str = "a_process_that_may_open_no_more_files_is_told_so";
    let Ok(url) = std::env::var(URL) else {
        let server = Server::start(Manner { delay: Duration::from_millis(300), ..Manner::default() });
        let program = std::env::current_exe().unwrap();
        let few = format!("ulimit -n 60; exec '{}' --exact {NAME} --nocapture", program.display());
        let output = Command::new("sh").args(["-c", &few]).env(URL, server.url()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    };
    for way in WAYS {
        let config = Config::builder().tenant_id("t").api_key("k").base_url(&url).max_retries(0);
        let session = Arc::new(Session::new(config.build().unwrap()));
        let outcomes = at_once(way, &session, ["GET"; 64].into_iter());
        let errors = failed(&outcomes);
        assert!(!errors.is_empty() && errors.len() < outcomes.len(), "{way:?}: {} failed", errors.len());
        for error in errors {
            assert_eq!(error.code(), Code::Connect);
            assert!(error.message().contains("may open no more files"), "{way:?}: {error}");
        }
    }
}

/// In a process with a hosts file of its own, which changes while it calls: a busy client asks for addresses again when its
/// connections have grown old, and not before.
#[cfg(target_os = "linux")]
#[test]
fn a_busy_client_follows_a_name_that_moves() {
    const URL: &str = "AGG_TEST_MOVING_URL";
    const NAME: &str = "a_busy_client_follows_a_name_that_moves";
    let Ok(url) = std::env::var(URL) else { return move_a_name(URL, NAME) };
    let ways = WAYS.map(|way| {
        let config = Config::builder().tenant_id("t").api_key("k").base_url(&url).allow_insecure_http(true);
        let config = config.connection_max_age(0.5).max_retries(0).build().unwrap();
        thread::spawn(move || {
            let session = Arc::new(Session::new(config));
            for _ in 0..100 {
                call(way, &session, "POST").unwrap();
                sleep(Duration::from_millis(20));
            }
        })
    });
    ways.into_iter().for_each(|way| way.join().unwrap());
}

/// The servers, which are outside of that process, and the move.
#[cfg(target_os = "linux")]
fn move_a_name(url: &str, test: &str) {
    let first = Server::start(Manner::default());
    let address = first.address();
    let second = Server::start_at(([127, 0, 0, 2], address.port()).into(), Manner::default());
    let hosts = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&hosts, "127.0.0.1 users.test\n").unwrap();
    let mut client = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c"])
        .arg(r#"mount --bind "$0" /etc/hosts && exec "$1" --exact "$2" --nocapture"#)
        .args([hosts.path(), &std::env::current_exe().unwrap(), test.as_ref()])
        .env(url, format!("http://users.test:{}", address.port()))
        .spawn()
        .unwrap();
    while first.connections() < WAYS.len() {
        assert!(client.try_wait().unwrap().is_none(), "it ended early");
        sleep(Duration::from_millis(5));
    }
    // In place: what is mounted is this file.
    std::fs::write(&hosts, "127.0.0.2 users.test\n").unwrap();
    assert!(client.wait().unwrap().success());
    assert!(second.connections() >= WAYS.len(), "{}", second.connections());
}
