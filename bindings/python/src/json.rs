//! JSON bodies as Python values, built from what the core's scan noted of them: nothing is looked at twice.

use agglestone::binding::{Mutex, Part, Text};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString};

/// The values that Python's `json.loads` gives.
pub fn loads<'py>(py: Python<'py>, reply: &agglestone::Reply) -> PyResult<Bound<'py, PyAny>> {
    let Some(parts) = reply.parts() else {
        // What the client itself wrote.
        static LOADS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
        return LOADS.import(py, "json", "loads")?.call1((reply.body(),));
    };
    let mut build = Build { py, parts, names: Names { here: Vec::with_capacity(16), next: 0 } };
    let first = build.parts.next();
    build.value(first)
}

/// Builds values from parts, of which there are as many as it takes: the scan would have refused the text otherwise.
struct Build<'py, P> {
    py: Python<'py>,
    parts: P,
    names: Names<'py>,
}

impl<'a, 'py, P: Iterator<Item = Part<'a>>> Build<'py, P> {
    /// The value that begins with a part. No deeper than the scan goes.
    fn value(&mut self, part: Option<Part<'a>>) -> PyResult<Bound<'py, PyAny>> {
        let py = self.py;
        Ok(match part {
            Some(Part::String(text)) => PyString::from_bytes(py, &text.utf8())?.into_any(),
            Some(Part::Null) => py.None().into_bound(py),
            Some(Part::Bool(value)) => PyBool::new(py, value).to_owned().into_any(),
            Some(Part::Number(text)) => number(py, text)?,
            Some(Part::Object) => self.object()?.into_any(),
            Some(Part::Array) => self.array()?.into_any(),
            Some(Part::Name(..) | Part::End) | None => return Err(broken()),
        })
    }

    fn object(&mut self) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(self.py);
        while let Some(Part::Name(name, place)) = self.parts.next() {
            let name = self.names.get(self.py, name, place)?;
            let first = self.parts.next();
            let value = self.value(first)?;
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }

    fn array(&mut self) -> PyResult<Bound<'py, PyList>> {
        let list = PyList::empty(self.py);
        loop {
            match self.parts.next() {
                Some(Part::End) => return Ok(list),
                first => list.append(self.value(first)?)?,
            }
        }
    }
}

/// How many names are kept at a time, and how long one may be; a page of users has a dozen.
const MOST: usize = 64;

/// Names of the bodies before, for reuse; never a value.
static KNOWN: Mutex<Vec<KnownName>> = Mutex::new(Vec::new());

type KnownName = (Box<[u8]>, Py<PyString>);

/// The names of one body, by their places in it. Records repeat theirs in the same order, so the next one is mostly the one that
/// followed last time.
struct Names<'py> {
    here: Vec<(u32, Bound<'py, PyString>)>,
    next: usize,
}

impl<'py> Names<'py> {
    #[inline]
    fn get(&mut self, py: Python<'py>, name: Text<'_>, place: u32) -> PyResult<Bound<'py, PyString>> {
        match self.here.get(self.next) {
            Some((known, text)) if *known == place => {
                self.next += 1;
                Ok(text.clone())
            }
            _ => self.other(py, &name.utf8(), place),
        }
    }

    /// The same where another name followed last time, or none.
    #[inline(never)]
    fn other(&mut self, py: Python<'py>, name: &[u8], place: u32) -> PyResult<Bound<'py, PyString>> {
        let is_it = |(known, _): &(u32, _)| *known == place;
        if let Some(index) = self.here.iter().position(is_it) {
            self.next = index + 1;
            return Ok(self.here[index].1.clone());
        }
        let text = match known(py, name) {
            Some(text) => text,
            None => new(py, name)?,
        };
        if self.here.len() < MOST {
            self.here.push((place, text.clone()));
            self.next = self.here.len();
        }
        Ok(text)
    }
}

/// Whoever else holds the lock may be a thread that a forked child does not have, so nobody waits for it.
fn known<'py>(py: Python<'py>, name: &[u8]) -> Option<Bound<'py, PyString>> {
    let known = KNOWN.try_lock()?;
    let (_, text) = known.iter().find(|(known, _)| **known == *name)?;
    Some(text.bind(py).clone())
}

fn new<'py>(py: Python<'py>, name: &[u8]) -> PyResult<Bound<'py, PyString>> {
    let text = PyString::from_bytes(py, name)?;
    if name.len() <= MOST
        && let Some(mut known) = KNOWN.try_lock()
    {
        // Odd names of one body are not kept for ever.
        if known.len() == MOST {
            known.clear();
        }
        known.push((name.into(), text.clone().unbind()));
    }
    Ok(text)
}

fn number<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyAny>> {
    if let Ok(whole) = text.parse::<i64>() {
        return Ok(whole.into_pyobject(py)?.into_any());
    }
    if text.contains(['.', 'e', 'E']) {
        let number = text.parse().map_err(|_| broken())?;
        return Ok(PyFloat::new(py, number).into_any());
    }
    py.get_type::<PyInt>().call1((text,))
}

/// Parts that don't follow each other as those of JSON do.
fn broken() -> PyErr {
    PyRuntimeError::new_err("a bug in agglestone: the parts of a body don't fit")
}
