//! `agg_config`: settings before a client is made from them. The header follows the order of these modules.

use std::ffi::c_char;
use std::sync::Arc;

use client_core::Result;
use client_core::binding::Tracked;
use client_core::{Config, ConfigBuilder, Problem};

use crate::boundary::{bytes, give, needed, run};
use crate::error::agg_error;
use crate::event::EventSink;
use crate::reports::Reports;
use crate::status::agg_status;

/// Settings of a client. What is not set comes from the environment (AGGLESTONE_TENANT_ID, AGGLESTONE_API_KEY and so on, as each
/// setting says), then from defaults. Not checked before agg_client_new, which reports every problem at once.
/// One thread at a time.
pub struct agg_config {
    builder: ConfigBuilder,
    reports: Reports,
    events: Option<Arc<EventSink>>,
    _tracked: Tracked,
}

impl agg_config {
    pub fn change(&mut self, setting: impl FnOnce(ConfigBuilder) -> ConfigBuilder) {
        self.builder = setting(std::mem::take(&mut self.builder));
    }

    /// Who is told of events.
    pub fn tell(&mut self, sink: EventSink) {
        self.events = Some(Arc::new(sink));
    }

    /// The configuration of a client, and who calls back for it.
    pub fn build(&self) -> Result<(Config, Reports)> {
        let mut builder = self.builder.clone();
        if let Some(sink) = self.events.clone() {
            let reports = self.reports.clone();
            builder = builder.on_event(move |event| reports.happened(sink.clone(), event.clone()));
        }
        Ok((builder.build()?, self.reports.clone()))
    }
}

fn change(
    config: Option<&mut agg_config>,
    error: *mut *mut agg_error,
    setting: impl FnOnce(ConfigBuilder) -> Result<ConfigBuilder>,
) -> agg_status {
    run(error, || {
        let config = needed("config", config)?;
        config.builder = setting(config.builder.clone())?;
        Ok(())
    })
}

/// A setting that is text. What is no UTF-8 is one problem among all that agg_client_new reports.
fn set_text<'a, T: From<&'a str>>(
    config: Option<&mut agg_config>,
    setting: &'static str,
    data: *const c_char,
    length: usize,
    error: *mut *mut agg_error,
    set: impl FnOnce(ConfigBuilder, T) -> ConfigBuilder,
) -> agg_status {
    change(config, error, |builder| {
        let given = bytes(setting, data, length)?;
        Ok(match std::str::from_utf8(given) {
            Ok(text) => set(builder, text.into()),
            Err(_) => builder.problem(Problem::new(setting, "is not UTF-8")),
        })
    })
}

/// Makes an empty configuration. The caller owns it and frees it with agg_config_free.
#[unsafe(no_mangle)]
pub extern "C" fn agg_config_new(config: *mut *mut agg_config, error: *mut *mut agg_error) -> agg_status {
    run(error, || {
        give("config", config, || {
            Ok(agg_config {
                builder: Config::builder().runtime("c"),
                reports: Reports::default(),
                events: None,
                _tracked: Tracked::new(),
            })
        })
    })
}

mod service;

mod connections;

mod tokens;

mod host;
