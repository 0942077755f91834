//! A client's settings as the façade passes them on: right types, everything else for the core to judge.

use agglestone::{Config, Error};
use napi_derive::napi;

/// Settings that were given; the core takes the others from the environment and its defaults. Times in seconds.
#[napi(object, object_to_js = false)]
pub struct Settings {
    pub tenant_id: Option<String>,
    pub api_key: Option<String>,
    pub secondary_api_key: Option<String>,
    pub base_url: Option<String>,
    pub users_path: Option<String>,
    pub app_name: Option<String>,
    pub runtime: String,
    pub allow_insecure_http: Option<bool>,
    pub connect_timeout: Option<f64>,
    pub timeout: Option<f64>,
    pub deadline: Option<f64>,
}

impl Settings {
    pub fn check(self) -> Result<Config, Error> {
        let mut builder = Config::builder().runtime(self.runtime);
        macro_rules! pass_on {
            ($($setting:ident)*) => {
                $(if let Some(value) = self.$setting { builder = builder.$setting(value); })*
            };
        }
        pass_on!(tenant_id api_key secondary_api_key base_url users_path app_name);
        pass_on!(allow_insecure_http connect_timeout timeout deadline);
        builder.build()
    }
}
