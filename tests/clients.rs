//! The Rust clients against the emulator over real sockets: what the guide does, many at once, cancelled, closed.

use std::io::Read;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use agglestone::{
    AsyncClient, CallOptions, Client, Code, Config, ConfigBuilder, Operation, PageRequest, Request,
};
use agglestone_emulator::{Emulator, Fault, Slot};

fn config(emulator: &Emulator) -> ConfigBuilder {
    Config::builder()
        .tenant_id(emulator.tenant_id())
        .api_key(emulator.primary_api_key())
        .secondary_api_key(emulator.secondary_api_key())
        .base_url(emulator.url())
}

fn blocking(emulator: &Emulator) -> Client {
    Client::new(config(emulator).build().unwrap())
}

fn nonblocking(emulator: &Emulator) -> AsyncClient {
    AsyncClient::new(config(emulator).build().unwrap())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

#[test]
fn the_guides_calls_answer_typed_values() {
    let emulator = agglestone_emulator::start();
    let client = blocking(&emulator);
    let page = client.get_users(PageRequest::new(2, 20).unwrap()).unwrap();
    assert_eq!((page.data.len(), page.total_records), (20, Some(45)));
    let user = client.get_user(&page.data[0].user_id).unwrap();
    assert_eq!(user, page.data[0]);
    let token = client.exchange_api_key_for_token(&user.user_id).unwrap();
    assert!(token.expires_at().unwrap() > std::time::SystemTime::now());

    let client = nonblocking(&emulator);
    assert_eq!(wait(client.get_user(&user.user_id)).unwrap(), user);
    assert_eq!(wait(client.get_users(PageRequest::new(2, 20).unwrap())).unwrap(), page);
}

#[test]
fn the_iterator_sees_every_user_once() {
    let emulator = agglestone_emulator::start();
    let client = blocking(&emulator);
    let mut ids: Vec<String> = client.iter_users(100).unwrap().map(|user| user.unwrap().user_id).collect();
    assert_eq!(ids.len(), 45);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 45);
}

#[test]
fn an_iterator_ends_with_the_error_that_stopped_it() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/Users").answer(404));
    let client = blocking(&emulator);
    let results: Vec<_> = client.iter_users(100).unwrap().collect();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0].as_ref().unwrap_err().code(), Code::NotFound);
}

#[test]
fn the_asynchronous_iterator_sees_every_user_once_and_ends_with_an_error() {
    let emulator = agglestone_emulator::start();
    let client = nonblocking(&emulator);
    let all = |client: &AsyncClient, page_size| -> Vec<_> {
        let mut users = client.iter_users(page_size).unwrap();
        wait(async {
            let mut seen = Vec::new();
            while let Some(user) = users.next().await {
                seen.push(user.map(|user| user.user_id));
            }
            assert!(users.next().await.is_none(), "the end is the end");
            seen
        })
    };
    let expected: Vec<_> =
        blocking(&emulator).iter_users(100).unwrap().map(|user| user.map(|user| user.user_id)).collect();
    for page_size in [100, 20, 1] {
        let pages = 45_usize.div_ceil(page_size as usize);
        let before = emulator.requests().len();
        let (seen, expected) = (all(&client, page_size), &expected);
        assert_eq!(seen.len(), 45);
        assert!(
            seen.iter().zip(expected).all(|(one, other)| one.as_ref().unwrap() == other.as_ref().unwrap())
        );
        assert_eq!(emulator.requests().len() - before, pages);
    }
    emulator.add_fault(Fault::on("*/Users").answer(404));
    let mut seen = all(&client, 20);
    assert_eq!(seen.pop().unwrap().unwrap_err().code(), Code::NotFound);
    assert!(seen.is_empty());
    let error = client.iter_users(0).unwrap_err();
    assert_eq!((error.code(), error.argument_name()), (Code::InvalidArgument, Some("page_size")));
}

#[test]
fn a_users_iterators_ask_as_the_user_with_the_options_of_the_view() {
    let emulator = agglestone_emulator::start();
    let (blocking, nonblocking) = (blocking(&emulator), nonblocking(&emulator));
    let user = blocking.get_users(PageRequest::default()).unwrap().data.remove(0).user_id;
    let before = emulator.requests().len();
    let seen: Vec<_> = blocking.as_user(&user).unwrap().iter_users(20).unwrap().collect();
    assert_eq!((seen.len(), seen.iter().filter(|user| user.is_ok()).count()), (45, 45));
    let asked = emulator.requests().split_off(before + 1);
    assert_eq!(asked.len(), 3, "after the exchange, one request a page");
    assert!(asked.iter().all(|request| request.key_slot.is_none()), "none carries the key");
    let as_user = nonblocking.as_user(&user).unwrap();
    let mut users = as_user.iter_users(100).unwrap();
    assert!(wait(users.next()).unwrap().is_ok());

    emulator.add_fault(Fault::on("*/Users*").times(100).answer(500));
    let once = || CallOptions::new().max_retries(0).unwrap();
    let attempts = |result: Option<agglestone::Result<_>>| result.unwrap().unwrap_err().attempts();
    let as_user = blocking.as_user(&user).unwrap().with_options(once());
    assert_eq!(attempts(as_user.iter_users(1).unwrap().next()), 1);
    let as_user = nonblocking.as_user(&user).unwrap().with_options(once());
    let mut users = as_user.iter_users(1).unwrap();
    assert_eq!(attempts(wait(users.next())), 1);
    assert!(wait(users.next()).is_none());
}

#[test]
fn dropping_a_future_of_the_iterator_loses_no_user() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/Users").delay(Duration::from_secs(600)));
    let client = nonblocking(&emulator);
    let mut users = client.iter_users(100).unwrap();
    wait(async {
        tokio::select! {
            _ = users.next() => panic!("nobody answered"),
            () = async { while emulator.requests().is_empty() { tokio::task::yield_now().await } } => {}
        }
        let first = users.next().await.unwrap().unwrap();
        let page = client.get_users(PageRequest::default()).await.unwrap();
        assert_eq!(first, page.data[0]);
    });
}

#[test]
fn a_client_with_options_is_the_same_client_and_its_calls_have_them() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/Users*").times(100).answer(500));
    let options = || CallOptions::new().max_retries(0).unwrap();
    let page = PageRequest::default;
    let attempts = |error: agglestone::Error| error.attempts();

    let client = blocking(&emulator);
    let once = client.with_options(CallOptions::new().max_retries(1).unwrap()).with_options(options());
    assert_eq!(attempts(once.get_users(page()).unwrap_err()), 1);
    assert_eq!(attempts(once.get_user("a").unwrap_err()), 1);
    assert_eq!(attempts(once.iter_users(100).unwrap().next().unwrap().unwrap_err()), 1);
    assert_eq!(attempts(once.check_api_keys().unwrap_err()), 1);
    let list = Request::new("GET", "api/v2.0/Users").unwrap();
    assert_eq!(attempts(once.request(list.clone()).unwrap_err()), 1);
    // An operation's own options come before the client's, and what neither says is the configuration's.
    let twice = Operation::GetUsers(page()).with(CallOptions::new().max_retries(1).unwrap());
    assert_eq!(attempts(once.call(twice).unwrap_err()), 2);
    assert_eq!(attempts(client.get_users(page()).unwrap_err()), 3);

    let client = nonblocking(&emulator);
    let once = client.with_options(options());
    assert_eq!(attempts(wait(once.get_users(page())).unwrap_err()), 1);
    assert_eq!(attempts(wait(once.request(list)).unwrap_err()), 1);
    assert_eq!(attempts(wait(once.iter_users(9).unwrap().next()).unwrap().unwrap_err()), 1);
    emulator.clear_faults();

    let user = wait(once.get_users(page())).unwrap().data.remove(0).user_id;
    let token = wait(once.exchange_api_key_for_token(&user)).unwrap();
    assert_eq!(wait(client.exchange_api_key_for_token(&user)).unwrap().expose(), token.expose());
    emulator.add_fault(Fault::on("*/Users*").times(100).answer(500));
    assert_eq!(attempts(wait(once.as_user(&user).unwrap().get_users(page())).unwrap_err()), 1);
    let as_user = client.as_user(&user).unwrap().with_options(options());
    assert_eq!(attempts(wait(as_user.get_user("a")).unwrap_err()), 1);
    let as_user = once.as_user(&user).unwrap().with_options(CallOptions::new().max_retries(1).unwrap());
    assert_eq!(attempts(wait(as_user.get_user("a")).unwrap_err()), 2);

    once.close();
    assert_eq!(wait(client.get_users(page())).unwrap_err().code(), Code::Closed);
}

#[test]
fn any_request_can_be_made() {
    let emulator = agglestone_emulator::start();
    let client = blocking(&emulator);
    let request =
        Request::new("POST", "api/v2.0/Users").unwrap().json(r#"{"userId":"made","email":"m@x"}"#).unwrap();
    assert_eq!(client.request(request).unwrap().status(), 201);
    assert_eq!(client.get_user("made").unwrap().email.as_deref(), Some("m@x"));
    let deleted = client.request(Request::new("DELETE", "api/v2.0/Users/made").unwrap()).unwrap();
    assert_eq!((deleted.status(), deleted.body()), (204, &b""[..]));
    assert_eq!(client.get_user("made").unwrap_err().code(), Code::NotFound);
}

#[test]
fn both_faces_of_one_operation_agree() {
    let emulator = agglestone_emulator::start();
    let operation = || Operation::GetUsers(PageRequest::default());
    let one = blocking(&emulator).call(operation()).unwrap();
    let other = wait(nonblocking(&emulator).call(operation())).unwrap();
    assert_eq!(one.body(), other.body());
    assert_eq!((one.next_page(), other.next_page()), (Some(2), Some(2)));
}

#[test]
fn dropping_the_future_cancels_the_call() {
    // A server that never answers, and sees whether the other side hangs up.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let config = Config::builder().tenant_id("t").api_key("k").base_url(url).build().unwrap();
    let client = AsyncClient::new(config);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut connection = runtime.block_on(async {
        tokio::select! {
            _ = client.get_users(PageRequest::default()) => panic!("nobody answered"),
            connection = tokio::task::spawn_blocking(move || {
                let (mut connection, _) = listener.accept().unwrap();
                assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
                connection
            }) => connection.unwrap(),
        }
    });
    assert_eq!(connection.read(&mut [0; 4096]).unwrap(), 0, "the connection was closed");
}

#[test]
fn closing_ends_calls_under_way_and_refuses_new_ones() {
    let emulator = agglestone_emulator::start();
    emulator.add_fault(Fault::on("*/Users").times(10).delay(Duration::from_secs(600)));
    let client = nonblocking(&emulator);
    let (under_way, ()) = wait(async {
        tokio::join!(client.get_users(PageRequest::default()), async {
            while emulator.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            client.close();
        })
    });
    assert_eq!(under_way.unwrap_err().code(), Code::Closed);
    assert_eq!(wait(client.get_user("a")).unwrap_err().code(), Code::Closed);
    let client = blocking(&emulator);
    client.close();
    assert_eq!(client.get_user("a").unwrap_err().code(), Code::Closed);
}

#[test]
fn a_bug_in_a_call_is_an_error_and_later_calls_work() {
    let emulator = agglestone_emulator::start();
    let client = nonblocking(&emulator);
    let error = wait(client.call(Operation::TestingPanic)).unwrap_err();
    assert_eq!(error.code(), Code::Panic);
    assert!(wait(client.get_users(PageRequest::default())).is_ok());
}

#[test]
fn no_request_ever_follows_a_redirect() {
    let emulator = agglestone_emulator::start();
    let elsewhere = agglestone_emulator::start();
    for status in [301, 302, 303, 307, 308] {
        emulator.add_fault(Fault::on("*/Users").answer(status).header("location", elsewhere.url()));
        let error = blocking(&emulator).get_users(PageRequest::default()).unwrap_err();
        assert_eq!(error.code(), Code::UnexpectedRedirect);
    }
    assert!(elsewhere.requests().is_empty());
    assert_eq!(emulator.requests().len(), 5);
}

#[test]
fn keys_rotated_under_load_fail_no_call() {
    const CALLERS: usize = 32;
    const ROTATIONS: usize = 6;
    let emulator = agglestone_emulator::start();
    let folder = tempfile::tempdir().unwrap();
    let path = |slot: &str| folder.path().join(slot);
    let replace = |slot: &str, key: String| {
        std::fs::write(path("new"), key).unwrap();
        std::fs::rename(path("new"), path(slot)).unwrap();
    };
    replace("primary", emulator.primary_api_key());
    replace("secondary", emulator.secondary_api_key());
    let config = || {
        let builder = Config::builder().tenant_id(emulator.tenant_id()).base_url(emulator.url());
        builder.api_key_file(path("primary")).secondary_api_key_file(path("secondary")).build().unwrap()
    };
    let (blocking, nonblocking) = (Client::new(config()), AsyncClient::new(config()));
    let user = blocking.get_users(PageRequest::default()).unwrap().data.remove(0).user_id;
    let operation = |number: usize| match number % 4 {
        0 => Operation::ExchangeApiKeyForFreshToken(agglestone::UserId::new(&user).unwrap()),
        _ => Operation::GetUsers(PageRequest::new(1, 1).unwrap()),
    };
    let (stop, calls) = (std::sync::atomic::AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (stop, calls, operation) = (&stop, &calls, &operation);
            let (blocking, nonblocking) = (&blocking, &nonblocking);
            scope.spawn(move || {
                for number in 0.. {
                    if stop.load(SeqCst) {
                        break;
                    }
                    let result = match caller % 2 {
                        0 => blocking.call(operation(number)),
                        _ => wait(nonblocking.call(operation(number))),
                    };
                    result.unwrap();
                    calls.fetch_add(1, SeqCst);
                }
            });
        }
        for _ in 0..ROTATIONS {
            for (slot, name) in [(Slot::Primary, "primary"), (Slot::Secondary, "secondary")] {
                std::thread::sleep(Duration::from_millis(450));
                replace(name, emulator.generate_key(slot));
            }
        }
        std::thread::sleep(Duration::from_millis(1200));
        let settled = emulator.requests().len();
        std::thread::sleep(Duration::from_millis(300));
        stop.store(true, SeqCst);
        let journal = emulator.requests();
        // The journal is bounded; where it is full its length says nothing, and its end is what counts.
        let tail =
            if journal.len() > settled { &journal[settled..] } else { &journal[journal.len() - 100..] };
        assert!(tail.iter().all(|entry| entry.status != Some(401)), "a dead key is still in use");
    });
    assert!(calls.load(SeqCst) > CALLERS * ROTATIONS);
}

#[test]
fn a_blocking_client_inside_a_runtime_is_an_error_that_names_the_other_one() {
    let emulator = agglestone_emulator::start();
    let runtimes = [
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
        tokio::runtime::Runtime::new().unwrap(),
    ];
    for runtime in runtimes {
        // Also the client's end, which waits for its transport's thread, must not stop the runtime.
        runtime.block_on(async {
            let client = Client::new(config(&emulator).build().unwrap());
            for _ in 0..2 {
                let error = client.get_users(PageRequest::default()).unwrap_err();
                assert_eq!(error.code(), Code::InvalidArgument);
                assert!(error.message().contains("AsyncClient"), "{error}");
            }
        });
    }
    assert!(emulator.requests().is_empty());
}
