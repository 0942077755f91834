//! Base URL, proxies, `NO_PROXY` and all other settings, given and from the environment: accepted or refused with a reason.
#![no_main]

use agglestone::Config;
use libfuzzer_sys::fuzz_target;

const VARIABLES: [&str; 8] = [
    "AGGLESTONE_BASE_URL",
    "AGGLESTONE_TENANT_ID",
    "AGGLESTONE_API_KEY",
    "AGGLESTONE_SECONDARY_API_KEY",
    "AGGLESTONE_USERS_PATH",
    "NO_PROXY",
    "HTTPS_PROXY",
    "AGGLESTONE_ALLOW_INSECURE_HTTP",
];

fuzz_target!(|input: &str| {
    let values: Vec<&str> = input.split('\n').collect();
    let value = |name: &str| {
        let at = VARIABLES.iter().position(|known| *known == name)?;
        values.get(at).filter(|value| !value.is_empty()).map(|value| (*value).to_owned())
    };
    match Config::builder().build_with(value) {
        // What was accepted is what a parser reads, and is accepted again.
        Ok(config) => {
            let url = config.base_url();
            assert_eq!(url::Url::parse(url).expect("a URL").as_str().trim_end_matches('/'), url);
        }
        Err(error) => {
            let text = error.to_string();
            assert!(!text.is_empty() && !text.contains(['\0', '\r', '\x1b']), "{text:?}");
            let key = value("AGGLESTONE_API_KEY").unwrap_or_default();
            assert!(
                key.len() < 12 || input.matches(&key).count() > 1 || !text.contains(&key),
                "a key is shown"
            );
        }
    }
});
