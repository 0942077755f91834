//! A finished call as JavaScript values: the body as text, which JavaScript parses faster than values can be built from here.

use agglestone::Reply;
use agglestone::error::Result as CoreResult;
use napi::Result;
use napi::bindgen_prelude::{Array, BufferSlice, Env, Null};

use crate::error::ErrorData;

/// What the façade wants of a reply.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Body, and the number of the next page if there is one.
    Page,
    /// Body.
    Body,
    /// The token, and when it expires.
    Token,
    /// Body, status and headers.
    Whole,
}

/// Appends two items: the body, and what else the shape has. An error is `null` and its data.
pub fn append(env: &Env, items: &mut Array, shape: Shape, result: CoreResult<Reply>) -> Result<()> {
    let reply = match result {
        Ok(reply) => reply,
        Err(error) => {
            items.insert(Null)?;
            return items.insert(ErrorData::from(error));
        }
    };
    match shape {
        Shape::Token => {
            let token = reply.token();
            items.insert(token.map(|token| token.expose()))?;
            // Seconds until the year 9999 are far below what a double counts exactly.
            items.insert(token.and_then(|token| token.expires_at_unix()).map(|seconds| seconds as f64))
        }
        Shape::Page => {
            body(env, items, reply.body())?;
            items.insert(reply.next_page())
        }
        Shape::Body => {
            body(env, items, reply.body())?;
            items.insert(Null)
        }
        Shape::Whole => {
            body(env, items, reply.body())?;
            let mut rest = env.create_array(0)?;
            rest.insert(reply.status())?;
            for (name, value) in reply.headers() {
                rest.insert(name.as_str())?;
                // HTTP header values are bytes; the web's `Headers` takes them as Latin-1 too.
                rest.insert(env.create_string_latin1(value.as_bytes())?)?;
            }
            items.insert(rest)
        }
    }
}

/// Text where the body is text, bytes otherwise.
fn body(env: &Env, items: &mut Array, body: &[u8]) -> Result<()> {
    if body.is_ascii() {
        // A plain copy for the engine, several times faster than decoding UTF-8.
        items.insert(env.create_string_latin1(body)?)
    } else if let Ok(text) = std::str::from_utf8(body) {
        items.insert(text)
    } else {
        items.insert(&BufferSlice::copy_from(env, body)?)
    }
}
