//! Strict query parameters: one that is unknown, repeated or malformed is a refusal that names it, never ignored.

use axum::http::Uri;

use crate::problem::Problem;

/// Refuses every parameter, for addresses that take none.
pub(crate) fn none(uri: &Uri) -> Result<(), Problem> {
    match form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).next() {
        None => Ok(()),
        Some((name, _)) => {
            Err(Problem::bad_request(format!("Unknown query parameter '{name}'; this endpoint takes none.")))
        }
    }
}

/// Which page of a list is asked for.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Page {
    pub(crate) number: u32,
    pub(crate) size: u32,
}

impl Page {
    /// Reads `pageNumber` (1 or more, else 1) and `pageSize` (1 to 100, else 10) and refuses everything else.
    pub(crate) fn from_uri(uri: &Uri) -> Result<Self, Problem> {
        let (mut number, mut size) = (None, None);
        for (name, value) in form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()) {
            let (parameter, largest) = match &*name {
                "pageNumber" => (&mut number, u32::MAX),
                "pageSize" => (&mut size, 100),
                _ => {
                    return Err(Problem::bad_request(format!(
                        "Unknown query parameter '{name}'; expected pageNumber or pageSize."
                    )));
                }
            };
            if parameter.is_some() {
                return Err(Problem::bad_request(format!("Query parameter '{name}' is repeated.")));
            }
            *parameter = Some(whole_number(&value, largest).ok_or_else(|| {
                Problem::bad_request(format!(
                    "Query parameter '{name}' must be a whole number from 1 to {largest}."
                ))
            })?);
        }
        Ok(Self { number: number.unwrap_or(1), size: size.unwrap_or(10) })
    }
}

/// Digits only: `parse` alone would let `+1` through.
fn whole_number(text: &str, largest: u32) -> Option<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (1..=largest).contains(&number).then_some(number)
}
