//! Makes a configuration of what was given: argument, then environment, then default. Tells all problems at once.

use std::ffi::OsString;

use http::HeaderValue;
use hyper_util::client::proxy::matcher::Matcher;
use secrecy::ExposeSecret;

use super::base_url;
use super::checked::Config;
use super::environment::Environment;
use super::given::Given;
use super::problems::Problems;
use super::proxy::{Proxy, Variables};
use super::roots;
use super::settings::*;
use super::token_store::{TokenStore, check_key};
use crate::error::Result;
use crate::files::Patience;
use crate::path::check_path;

/// Checks everything. `system` knows the proxies where more than the environment says so.
pub(super) fn check(
    given: Given,
    variables: &dyn Fn(&str) -> Option<OsString>,
    system: Option<&Matcher>,
) -> Result<Config> {
    let environment = Environment::new(variables);
    let mut problems = Problems::from(given.problems);
    let patience = Patience::new(given.interrupted);

    let tenant_id = given.tenant_id.or_else(|| environment.text(&TENANT_ID, &mut problems));
    let tenant_id = match tenant_id {
        Some(id) => problems.checked(&TENANT_ID, check_tenant(&id)),
        None => {
            problems.missing(&TENANT_ID);
            None
        }
    };

    let source = given.keys.source(&environment, &patience, &mut problems);

    let allow_insecure_http =
        given.allow_insecure_http.or_else(|| environment.flag(&ALLOW_INSECURE_HTTP, &mut problems));
    let url = given.base_url.or_else(|| environment.text(&BASE_URL, &mut problems));
    let url = url.as_deref().or(BASE_URL.default).unwrap_or_default();
    let url = problems.checked(&BASE_URL, base_url::parse(url, allow_insecure_http.unwrap_or(false)));
    let proxy = match &url {
        Some(url) if !(url.is_plain && url.is_loopback) => {
            let variables = Variables::of(&|name: &str| environment.any(name));
            problems.checked(&BASE_URL, Proxy::to(&url.text, &variables, system)).flatten()
        }
        _ => None,
    };

    let users_path = given.users_path.or_else(|| environment.text(&USERS_PATH, &mut problems));
    let users_path = check_path(users_path.as_deref().or(USERS_PATH.default).unwrap_or_default());
    let users_path = problems.checked(&USERS_PATH, users_path);

    let user_agent = user_agent(given.app_name.as_deref(), given.runtime.as_deref());
    let user_agent = problems.checked(&APP_NAME, user_agent);

    let connect_timeout = problems.time(&CONNECT_TIMEOUT, given.connect_timeout);
    let timeout = problems.time(&TIMEOUT, given.timeout);
    let deadline = problems.time(&DEADLINE, given.deadline);

    let store = given.token_store.or_else(|| environment.secret_text(&TOKEN_STORE, &mut problems));
    let store = store.filter(|url| !url.expose_secret().is_empty()).map(|url| {
        let store = TokenStore::parse(url.expose_secret(), allow_insecure_http.unwrap_or(false));
        problems.checked(&TOKEN_STORE, store)
    });
    let key = given.token_store_key.or_else(|| environment.secret_text(&TOKEN_STORE_KEY, &mut problems));
    let key = key.map(check_key).and_then(|key| problems.checked(&TOKEN_STORE_KEY, key));
    let token_store = store.flatten().map(|store| TokenStore { key, ..store });

    let ca_file = given.ca_file.or_else(|| environment.path(&CA_FILE));
    let shows_certificate = url.as_ref().is_some_and(|url| !url.is_plain)
        || proxy.as_ref().is_some_and(Proxy::is_tls)
        || token_store.as_ref().is_some_and(|store| store.tls);
    let judge = roots::judge(ca_file.as_deref(), given.ca_pem.as_deref(), shows_certificate, &patience);
    let judge = problems.checked(&CA_FILE, judge);

    let max_retries = problems.number(&MAX_RETRIES, given.max_retries);
    let max_connections = problems.number(&MAX_CONNECTIONS, given.max_connections);
    let io_threads = problems.number(&IO_THREADS, given.io_threads);
    let idle_timeout = problems.time(&IDLE_TIMEOUT, given.idle_timeout);
    let connection_max_age = match given.connection_max_age {
        Some(never) if never.is_zero() => Some(None),
        age => problems.time(&CONNECTION_MAX_AGE, age).map(Some),
    };
    let token_cache_size = problems.number(&TOKEN_CACHE_SIZE, given.token_cache_size);

    let audience = given.audience.map(|audience| match audience.trim() {
        "" => Err("is empty"),
        text if text.contains(char::is_control) => Err("contains a control character"),
        _ => Ok(audience),
    });
    let audience = match audience {
        Some(audience) => problems.checked(&AUDIENCE, audience).map(Some),
        None => Some(None),
    };
    let clock_tolerance = problems.time_within(&CLOCK_TOLERANCE, given.clock_tolerance);
    let verify_cache_size = problems.number(&VERIFY_CACHE_SIZE, given.verify_cache_size);

    let request_log = given.request_log.or_else(|| environment.flag(&REQUEST_LOG, &mut problems));

    let config = || {
        let (url, found) = (url?, source?);
        Some(Config {
            tenant_url: format!("{}/tenant/{}/", url.text, tenant_id?),
            origin_length: url.origin_length,
            server: url.server,
            users_path: users_path?,
            source: found.source,
            keys: found.keys,
            look: found.look,
            open_files: found.open_files,
            listener: given.listener,
            propagator: given.propagator,
            request_log: request_log.unwrap_or(false),
            user_agent: user_agent?,
            proxy,
            plain_remote: url.is_plain && !url.is_loopback,
            connect_timeout: connect_timeout?,
            timeout: timeout?,
            deadline: deadline?,
            token_cache_size: token_cache_size? as usize,
            token_store,
            max_retries: max_retries?,
            max_connections: max_connections? as usize,
            io_threads: io_threads? as usize,
            idle_timeout: idle_timeout?,
            connection_max_age: connection_max_age?,
            judge: judge?,
            audience: audience?,
            clock_tolerance: clock_tolerance?,
            verify_cache_size: verify_cache_size? as usize,
        })
    };
    match config() {
        Some(config) => problems.none().map(|()| config),
        None => Err(problems.into_error()),
    }
}

/// The tenant is a GUID in every sample and a placeholder such as `your-tenant-id` in some (`service.md`, "Addresses").
fn check_tenant(id: &str) -> Result<String, &'static str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match id.trim() {
        "" => Err("is empty"),
        id if id.len() <= 128 && id.bytes().all(plain) => Ok(id.to_owned()),
        _ => Err("is not a tenant id: letters, digits, - and _ are accepted, as in a GUID"),
    }
}

/// `app agglestone/1.2.3 python/3.11.7`: the most specific first, as RFC 9110 has it.
fn user_agent(app: Option<&str>, runtime: Option<&str>) -> Result<HeaderValue, &'static str> {
    let own = concat!("agglestone/", env!("CARGO_PKG_VERSION"));
    let parts: Vec<&str> = app.into_iter().chain([own]).chain(runtime).collect();
    let text = parts.join(" ");
    let printable = text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if !printable || app.is_some_and(|app| app.trim().is_empty() || app.len() > 200) {
        return Err("must be 1 to 200 printable ASCII characters");
    }
    HeaderValue::from_str(&text).map_err(|_| "can't be sent in a header")
}
