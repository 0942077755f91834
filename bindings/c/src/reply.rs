//! `agg_reply`: what a successful call answers.

use std::ffi::c_char;
use std::sync::OnceLock;

use client_core::binding::Tracked;
use client_core::{PageRequest, Reply};

use crate::boundary::text;
use crate::view::{agg_view, terminated};

/// The answer to an operation. Made by the library, owned by the caller, freed with agg_reply_free. Immutable: any thread
/// may read it.
pub struct agg_reply {
    /// All but the body.
    reply: Reply,
    body: Body,
    /// Most callers never ask for a header, so the texts with a NUL behind them are made for the first who does.
    headers: OnceLock<Vec<Header>>,
    _tracked: Tracked,
}

/// What the body is, so that a token is wiped with the rest of its reply.
enum Body {
    Bytes(Vec<u8>),
    Token(client_core::binding::Terminated),
}

struct Header {
    name: Vec<u8>,
    value: Vec<u8>,
}

impl agg_reply {
    pub fn new(mut reply: Reply) -> agg_reply {
        let body = match reply.token() {
            Some(token) => Body::Token(token.terminated()),
            None => Body::Bytes(terminated(reply.take_body())),
        };
        agg_reply { reply, body, headers: OnceLock::new(), _tracked: Tracked::new() }
    }

    fn headers(&self) -> &[Header] {
        self.headers.get_or_init(|| {
            let headers = self.reply.headers().iter();
            let copied = headers.map(|(name, value)| Header {
                name: terminated(name.as_str()),
                value: terminated(value.as_bytes()),
            });
            copied.collect()
        })
    }

    pub fn next_page_request(&self) -> Option<PageRequest> {
        self.reply.next_page_request()
    }
}

/// The HTTP status, 200 to 299. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_status(reply: Option<&agg_reply>) -> u16 {
    reply.map_or(0, |reply| reply.reply.status())
}

/// The body: JSON as the service sent it, or the token for a token exchange. Lives as long as the reply. Empty for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_body(reply: Option<&agg_reply>) -> agg_view {
    reply.map_or(agg_view::empty(), |reply| match &reply.body {
        Body::Bytes(bytes) => agg_view::of(bytes),
        Body::Token(token) => agg_view::of(token.bytes()),
    })
}

/// A header of the answer by name, in any letter case; the first one where there are several. Lives as long as the reply.
/// Empty when there is none or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_header(
    reply: Option<&agg_reply>,
    name: *const c_char,
    length: usize,
) -> agg_view {
    let (Some(reply), Ok(name)) = (reply, text("name", name, length)) else {
        return agg_view::empty();
    };
    let is_it = |header: &&Header| header.name[..header.name.len() - 1].eq_ignore_ascii_case(name.as_bytes());
    let found = reply.headers().iter().find(is_it);
    found.map_or(agg_view::empty(), |header| agg_view::of(&header.value))
}

/// How many headers the answer has. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_header_count(reply: Option<&agg_reply>) -> usize {
    reply.map_or(0, |reply| reply.reply.headers().len())
}

/// The name of header number `index`, in lower case. Lives as long as the reply. Empty past the last or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_header_name(reply: Option<&agg_reply>, index: usize) -> agg_view {
    header(reply, index, |header| &header.name)
}

/// The value of header number `index`. Lives as long as the reply. Empty past the last or for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_header_value(reply: Option<&agg_reply>, index: usize) -> agg_view {
    header(reply, index, |header| &header.value)
}

fn header(reply: Option<&agg_reply>, index: usize, part: impl FnOnce(&Header) -> &Vec<u8>) -> agg_view {
    let found = reply.and_then(|reply| reply.headers().get(index));
    found.map_or(agg_view::empty(), |header| agg_view::of(part(header)))
}

/// The number of the page after this one, for agg_operation_get_users; 0 on the last page, for other operations and NULL. On
/// the way through all pages, ask for the next one by agg_operation_get_users_after.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_next_page(reply: Option<&agg_reply>) -> u32 {
    reply.and_then(agg_reply::next_page_request).map_or(0, PageRequest::number)
}

/// When the token expires, in seconds since 1970 UTC, for agg_operation_exchange_api_key_for_token; 0 when the token does
/// not say, for other operations and for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_token_expires_at(reply: Option<&agg_reply>) -> i64 {
    let token = reply.and_then(|reply| reply.reply.token());
    token.and_then(|token| token.expires_at_unix()).map_or(0, |at| at as i64)
}

/// How many requests the call took. 0 for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_attempts(reply: Option<&agg_reply>) -> u32 {
    reply.map_or(0, |reply| reply.reply.attempts())
}

/// Frees a reply. NULL is a no-op.
#[unsafe(no_mangle)]
pub extern "C" fn agg_reply_free(reply: Option<Box<agg_reply>>) {
    drop(reply);
}
