//! Events on their way to JavaScript: plain data. Fingerprints, never keys.

use agglestone::Event;
use agglestone::binding::{Piece, Spelling};
use napi::Result;
use napi::bindgen_prelude::{Env, Object};

/// Its name, level and message, and what else it tells, by name; without what there is not. Times are milliseconds.
pub fn data<'env>(env: &'env Env, event: &Event) -> Result<Object<'env>> {
    let mut data = Object::new(env)?;
    data.set("name", event.name())?;
    data.set("level", event.level().name())?;
    data.set("message", event.to_string())?;
    for (name, piece) in event.parts() {
        let name = Spelling::Camel.argument(name);
        match piece {
            None => {}
            Some(Piece::Text(text)) => data.set(name, text)?,
            Some(Piece::Texts(texts)) => data.set(name, texts.to_vec())?,
            Some(Piece::Number(number)) => data.set(name, number)?,
            Some(Piece::Time(time)) => data.set(name, time.as_secs_f64() * 1e3)?,
        }
    }
    Ok(data)
}
