//! JSON bodies as Python values, built in one pass over the text.

use std::borrow::Cow;
use std::fmt;

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyList, PyString};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// How many names of members are kept for reuse; a page of users has a dozen.
const MAX_NAMES: usize = 64;

/// The values that Python's `json.loads` gives. What this parser could not keep to the last digit (fractions, integers
/// of more than 64 bits) and what it refuses is left to that one.
pub fn loads<'py>(py: Python<'py>, body: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let mut text = serde_json::Deserializer::from_slice(body);
    let value = Build { py, names: &mut Names::default() }.deserialize(&mut text);
    match value.and_then(|value| text.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(_) => {
            static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            LOADS.import(py, "json", "loads")?.call1((body,))
        }
    }
}

/// The names met so far. Records repeat theirs in the same order, so the next one is mostly the one that followed last
/// time.
#[derive(Default)]
struct Names<'py> {
    seen: Vec<(String, Bound<'py, PyString>)>,
    next: usize,
}

impl<'py> Names<'py> {
    fn get(&mut self, py: Python<'py>, name: &str) -> Bound<'py, PyString> {
        let expected = self.seen.get(self.next).is_some_and(|(seen, _)| seen == name);
        let found =
            if expected { Some(self.next) } else { self.seen.iter().position(|(seen, _)| seen == name) };
        if let Some(index) = found {
            self.next = index + 1;
            return self.seen[index].1.clone();
        }
        let text = PyString::new(py, name);
        if self.seen.len() < MAX_NAMES {
            self.seen.push((name.to_owned(), text.clone()));
            self.next = self.seen.len();
        }
        text
    }
}

/// Builds one value, whatever it is.
struct Build<'a, 'py> {
    py: Python<'py>,
    names: &'a mut Names<'py>,
}

impl<'py> Build<'_, 'py> {
    fn inner(&mut self) -> Build<'_, 'py> {
        Build { py: self.py, names: self.names }
    }
}

impl<'de, 'py> DeserializeSeed<'de> for Build<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 'py> Visitor<'de> for Build<'_, 'py> {
    type Value = Bound<'py, PyAny>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(self.py.None().into_bound(self.py))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(PyBool::new(self.py, value).to_owned().into_any())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Self::Value, E> {
        value.into_pyobject(self.py).map(Bound::into_any).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Self::Value, E> {
        value.into_pyobject(self.py).map(Bound::into_any).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Err(E::custom("digits may be lost"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(PyString::new(self.py, value).into_any())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inner())? {
            list.push(item);
        }
        PyList::new(self.py, list).map(Bound::into_any).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Self::Value, A::Error> {
        let dict = PyDict::new(self.py);
        while let Some(name) = members.next_key::<Cow<'de, str>>()? {
            let name = self.names.get(self.py, &name);
            let value = members.next_value_seed(self.inner())?;
            dict.set_item(name, value).map_err(A::Error::custom)?;
        }
        Ok(dict.into_any())
    }
}
