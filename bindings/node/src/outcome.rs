//! A finished call as JavaScript values: the body as text, which JavaScript parses faster than values can be built from here.

use agglestone::Result as CoreResult;
use agglestone::{Error, Reply, Token};
use napi::bindgen_prelude::{Array, BufferSlice, Env, External, Null};
use napi::{JsString, Result};

use crate::error::ErrorData;

/// What the façade wants of a reply.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Body, and what to ask for the next page by if there is one.
    Pages,
    /// Body.
    Body,
    /// The token, and when it expires.
    Token,
    /// Body, status, attempts and headers.
    Whole,
}

/// Writes two items: the body, and what else the shape has. An error is `null` and its data.
pub fn write(
    env: &Env,
    items: &mut Array,
    place: u32,
    shape: Shape,
    result: CoreResult<Reply>,
) -> Result<()> {
    let reply = match result {
        Ok(reply) => reply,
        Err(error) => return fail(items, place, error),
    };
    match shape {
        Shape::Token => {
            return match reply.token() {
                Some(token) => write_token(env, items, place, token),
                None => fail(items, place, Error::panic("the token exchange")),
            };
        }
        Shape::Pages => items.set(place + 1, reply.next_page_request().map(External::new))?,
        Shape::Body => items.set(place + 1, Null)?,
        Shape::Whole => items.set(place + 1, head(env, &reply)?)?,
    }
    let body = reply.body();
    if body.is_ascii() {
        // A plain copy for the engine, several times faster than decoding UTF-8.
        items.set(place, env.create_string_latin1(body)?)
    } else if let Ok(text) = std::str::from_utf8(body) {
        items.set(place, text)
    } else {
        items.set(place, &BufferSlice::copy_from(env, body)?)
    }
}

/// Text that is mostly ASCII.
pub fn text<'env>(env: &'env Env, text: &str) -> Result<JsString<'env>> {
    if text.is_ascii() { env.create_string_latin1(text.as_bytes()) } else { env.create_string(text) }
}

/// Writes a token and its expiry. A token is ASCII, as a body mostly is.
pub fn write_token(env: &Env, items: &mut Array, place: u32, token: &Token) -> Result<()> {
    items.set(place, env.create_string_latin1(token.expose().as_bytes())?)?;
    // Seconds until the year 9999 are far below what a double counts exactly.
    items.set(place + 1, token.expires_at_unix().map(|seconds| seconds as f64))
}

fn fail(items: &mut Array, place: u32, error: Error) -> Result<()> {
    items.set(place, Null)?;
    items.set(place + 1, ErrorData::from(error))
}

/// Status, attempts, then name, value, name, value and so on.
fn head<'env>(env: &'env Env, reply: &Reply) -> Result<Array<'env>> {
    let mut head = env.create_array(0)?;
    head.insert(reply.status())?;
    head.insert(reply.attempts())?;
    for (name, value) in reply.headers() {
        head.insert(name.as_str())?;
        // Header values are bytes, and Latin-1 text to the web's `Headers`.
        head.insert(env.create_string_latin1(value.as_bytes())?)?;
    }
    Ok(head)
}
