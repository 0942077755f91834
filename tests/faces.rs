//! The core's list of methods against the Rust clients: a function that calls each one, and that nobody runs, proves that it
//! is there.

use agglestone::binding::METHODS;
use agglestone::{AsyncClient, AsyncUserClient, Client, PageRequest, Request, UserClient};

/// Names of methods, each of which the client has with these arguments.
macro_rules! methods {
    ($client:ty: $($method:ident($($argument:expr),*)),* $(,)?) => {{
        let _calls = |client: &$client| { $(_ = client.$method($($argument),*);)* };
        vec![$(stringify!($method)),*]
    }};
}

fn request() -> Request {
    unreachable!("nobody calls it")
}

/// The listed names: all, or those that a user has too.
fn listed(as_user: bool) -> Vec<&'static str> {
    METHODS.iter().filter(|method| method.as_user || !as_user).map(|method| method.name).collect()
}

macro_rules! of_a_client {
    ($client:ty) => {
        methods![$client:
            get_users(PageRequest::default()),
            iter_users(100),
            get_user(""),
            exchange_api_key_for_token(""),
            request(request()),
            check_api_keys(),
            verify_token(""),
            as_user(""),
            set_api_keys("", None),
            key_usage(),
            forget_token(""),
            forget_tokens(),
            token_stats(),
            close(),
        ]
    };
}

macro_rules! of_a_user {
    ($client:ty) => {
        methods![$client: get_users(PageRequest::default()), iter_users(100), get_user(""), request(request())]
    };
}

#[test]
fn every_client_has_the_listed_methods() {
    assert_eq!(of_a_client!(Client), listed(false));
    assert_eq!(of_a_client!(AsyncClient), listed(false));
}

#[test]
fn a_users_client_has_those_that_a_user_may_call() {
    assert_eq!(of_a_user!(UserClient<'_>), listed(true));
    assert_eq!(of_a_user!(AsyncUserClient<'_>), listed(true));
}
