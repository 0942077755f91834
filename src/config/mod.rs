//! What a client is made from: immutable, complete and checked.

mod base_url;
mod builder;
mod check;
mod checked;
mod environment;
mod given;
mod key_settings;
mod no_proxy;
mod problems;
mod proxy;
mod roots;
mod settings;
mod token_store;
mod value;

pub use builder::ConfigBuilder;
pub use checked::Config;
pub(crate) use proxy::Proxy;
pub use roots::Judge;
pub(crate) use roots::crypto;
pub use settings::{Kind, SETTINGS, Setting};
pub(crate) use settings::{MAX_RETRIES, MOST_IO_THREADS};
pub(crate) use token_store::TokenStore;
pub use value::Value;

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::time::Duration;

    use super::*;
    use crate::error::Problem;
    use crate::spelling::Spelling;

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn complete() -> ConfigBuilder {
        Config::builder().tenant_id("your-tenant-id").api_key("a-key")
    }

    #[test]
    fn arguments_come_before_the_environment_and_that_before_defaults() {
        let environment = |name: &str| match name {
            "AGGLESTONE_TENANT_ID" => Some("from-environment".to_owned()),
            "AGGLESTONE_API_KEY" => Some("key-from-environment".to_owned()),
            "AGGLESTONE_USERS_PATH" => Some(String::new()),
            _ => None,
        };
        let config = Config::builder().tenant_id("explicit").build_with(environment).unwrap();
        assert_eq!(config.tenant_url(), "https://auth.agglestone.com/tenant/explicit/");
        assert_eq!(config.keys.as_ref().unwrap().primary.expose(), "key-from-environment");
        assert_eq!(config.users_path(), "api/v2.0/Users");
    }

    #[test]
    fn every_problem_is_reported_at_once_and_no_key_is_shown() {
        let error = Config::builder()
            .tenant_id("../other")
            .api_key("planted key")
            .secondary_api_key("planted\nother")
            .base_url("http://evil.example")
            .users_path("../groups")
            .app_name("bad\nname")
            .connect_timeout(f64::NAN)
            .timeout(-1.0)
            .deadline(Duration::ZERO)
            .build_with(nothing)
            .unwrap_err();
        assert_eq!(error.code(), crate::Code::InvalidConfig);
        let settings = ["tenant_id", "api_key", "secondary_api_key", "base_url", "users_path", "app_name"];
        for setting in settings.iter().chain(&["connect_timeout", "timeout", "deadline"]) {
            assert!(error.message().contains(&format!("`{setting}`")), "{setting}: {error}");
        }
        assert!(!format!("{error} {error:?}").contains("planted"), "{error}");
    }

    #[test]
    fn what_is_missing_is_named_with_its_variable() {
        let error = Config::builder().build_with(nothing).unwrap_err();
        assert!(
            error.message().contains("AGGLESTONE_TENANT_ID")
                && error.message().contains("AGGLESTONE_API_KEY")
        );
    }

    #[test]
    fn a_name_that_there_is_none_of_is_shown_as_it_was_written() {
        let unknown = Problem::unknown("base_url".into(), "is an unknown option; expected `base_url`");
        let error = complete().problem(unknown).build_with(nothing).unwrap_err();
        let expected = "invalid configuration: \"base_url\" is an unknown option; expected `baseUrl`";
        assert_eq!(error.message_in(Spelling::Camel), expected);
        assert_eq!(error.problems()[0].setting_in(Spelling::Camel), "base_url");
    }

    #[test]
    fn what_a_binding_found_is_listed_too_and_not_called_missing() {
        let build = |setting: &'static str, reason: &str| {
            let builder = Config::builder().problem(Problem::new(setting, reason)).base_url("ftp://x");
            builder.build_with(nothing).unwrap_err().message().to_owned()
        };
        let message = build("tenant_id", "must be a text");
        assert!(
            message.starts_with("invalid configuration, 3 problems: `tenant_id` must be a text; "),
            "{message}"
        );
        assert!(message.contains("`api_key` is missing") && message.contains("`base_url`"), "{message}");
        for setting in ["api_key", "api_key_file", "key_source"] {
            let message = build(setting, "is odd");
            assert!(!message.contains("`api_key` is missing"), "{message}");
            assert!(message.contains("`tenant_id` is missing"), "{message}");
        }
        // Enough alone.
        assert!(complete().problem(Problem::new("colour", "is no option")).build_with(nothing).is_err());
    }

    #[test]
    fn the_same_key_twice_is_refused() {
        let error = complete().secondary_api_key("a-key").build_with(nothing).unwrap_err();
        assert!(error.message().contains("`secondary_api_key` is the same"), "{error}");
    }

    #[test]
    fn times_are_finite_and_positive() {
        for seconds in [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e9] {
            assert!(complete().timeout(seconds).build_with(nothing).is_err(), "{seconds}");
        }
        assert_eq!(
            complete().timeout(0.25).build_with(nothing).unwrap().timeout(),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn the_user_agent_names_the_application_first() {
        let config = complete().app_name("billing/2").runtime("python/3.11").build_with(nothing).unwrap();
        let expected = format!("billing/2 agglestone/{} python/3.11", crate::VERSION);
        assert_eq!(config.user_agent().to_str().unwrap(), expected);
    }

    #[test]
    fn debug_shows_no_key() {
        let config = complete().api_key("planted-key").build_with(nothing).unwrap();
        assert!(!format!("{config:?}").contains("planted"));
    }

    #[test]
    fn a_missing_file_is_a_problem_of_the_configuration() {
        let config = Config::builder().tenant_id("t").api_key_file("/nowhere/key").api_key("k");
        let error = config.build_with(|_| None).unwrap_err();
        assert!(error.message().contains("both as a value and as a file"), "{error}");
        let environment = |name: &str| (name == "AGGLESTONE_API_KEY_FILE").then(|| "/nowhere/key".to_owned());
        let error = Config::builder().tenant_id("t").build_with(environment).unwrap_err();
        assert!(
            error.message().contains("/nowhere/key") && error.message().contains("`api_key_file`"),
            "{error}"
        );
        assert!(!error.message().contains("is missing"), "{error}");
    }

    #[test]
    fn problems_are_data_that_each_language_spells() {
        let error = complete().timeout(0.0).max_retries(11).build_with(nothing).unwrap_err();
        let problems: Vec<_> =
            error.problems().iter().map(|problem| (problem.setting(), problem.reason())).collect();
        let time = "is 0 s; more than 0 and at most 86400 s are accepted";
        assert_eq!(problems, [("timeout", time), ("max_retries", "is 11; 0 to 10 are accepted")]);
        let spelt = error.message_in(Spelling::Camel);
        assert!(spelt.contains("`timeout` is 0 ms; more than 0 and at most 86400000 ms"), "{spelt}");
        assert!(spelt.contains("`maxRetries` is 11"), "{spelt}");
    }

    #[test]
    fn an_environment_that_is_lent_replaces_the_processs_own() {
        let lent =
            Config::builder().variable("AGGLESTONE_TENANT_ID", "lent").variable("AGGLESTONE_API_KEY", "k");
        assert!(lent.build().unwrap().tenant_url().ends_with("/tenant/lent/"));
        let error = Config::builder().variable("OTHER", "x").build().unwrap_err();
        assert!(error.message().contains("AGGLESTONE_TENANT_ID"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_no_unicode_is_a_problem_and_not_absent() {
        use std::os::unix::ffi::OsStringExt;
        let odd = || OsString::from_vec(vec![b'a', 0xff]);
        let lent = complete().variable("AGGLESTONE_USERS_PATH", odd()).variable("AGGLESTONE_BASE_URL", odd());
        let problems: Vec<_> = lent.build().unwrap_err().problems().to_vec();
        let settings: Vec<_> = problems.iter().map(Problem::setting).collect();
        assert_eq!(settings, ["base_url", "users_path"]);
        let error =
            Config::builder().tenant_id("t").variable("AGGLESTONE_API_KEY", odd()).build().unwrap_err();
        assert_eq!(error.problems().len(), 1, "{error}");
    }

    #[test]
    fn an_empty_secondary_key_is_none() {
        let config = complete().secondary_api_key("").build_with(nothing).unwrap();
        assert!(config.keys.as_ref().unwrap().secondary.is_none());
    }

    #[test]
    fn the_list_has_each_setting_once_and_its_defaults_are_accepted() {
        let mut names: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SETTINGS.len());
        let config = complete().build_with(nothing).unwrap();
        assert_eq!((config.timeout(), config.max_retries()), (Duration::from_secs(30), 2));
    }
}
