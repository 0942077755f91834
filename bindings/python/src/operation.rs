//! What to ask of the service, as values for [`Session`](crate::session::Session) to run.

use agglestone::{Invocation, PageRequest, Request, Result, TokenCheck};
use pyo3::prelude::*;

use crate::arguments::{integer, text};
use crate::errors::attempt;
use crate::observation::Observation;
use crate::reply::Reply;
use crate::settings::Options;

type Pairs<'py> = Vec<(Bound<'py, PyAny>, Bound<'py, PyAny>)>;

/// One thing to ask of the service. Each static method checks its arguments and makes one.
#[pyclass(frozen, module = "agglestone._native")]
pub struct Operation {
    operation: agglestone::Operation,
    observation: Option<agglestone::Observation>,
}

impl From<agglestone::Operation> for Operation {
    fn from(operation: agglestone::Operation) -> Operation {
        Operation { operation, observation: None }
    }
}

impl Operation {
    /// The operation, to be run with these options or with the client's.
    pub fn to_core(&self, options: Option<&Options>) -> Invocation {
        let options = options.map(Options::to_core).unwrap_or_default();
        Invocation::new(self.operation.clone(), options, true, self.observation.clone())
    }
}

#[pymethods]
impl Operation {
    #[staticmethod]
    fn get_users(page_number: &Bound<'_, PyAny>, page_size: &Bound<'_, PyAny>) -> PyResult<Operation> {
        let page =
            || PageRequest::new(integer("page_number", page_number)?, integer("page_size", page_size)?);
        Ok(agglestone::Operation::GetUsers(attempt(page_number.py(), page)?).into())
    }

    /// The page behind a reply's, for a way through all of them; `None` behind the last.
    #[staticmethod]
    fn get_users_after(reply: &Reply) -> Option<Operation> {
        reply.next_page_request().map(agglestone::Operation::GetUsers).map(Operation::from)
    }

    #[staticmethod]
    fn get_user(user_id: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(agglestone::Operation::GetUser(id(user_id)?).into())
    }

    #[staticmethod]
    fn exchange_api_key_for_token(user_id: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(agglestone::Operation::ExchangeApiKeyForToken(id(user_id)?).into())
    }

    /// Issued now, whatever the cache holds.
    #[staticmethod]
    fn exchange_api_key_for_fresh_token(user_id: &Bound<'_, PyAny>) -> PyResult<Operation> {
        Ok(agglestone::Operation::ExchangeApiKeyForFreshToken(id(user_id)?).into())
    }

    #[staticmethod]
    fn check_api_keys() -> Operation {
        agglestone::Operation::CheckApiKeys.into()
    }

    #[staticmethod]
    fn verify_token(token: &Bound<'_, PyAny>, check: Option<&Bound<'_, PyAny>>) -> PyResult<Operation> {
        attempt(token.py(), || {
            let (token, check) = (text("token", token)?.into(), token_check(check)?);
            Ok(agglestone::Operation::VerifyToken { token, check }.into())
        })
    }

    /// Panics when it is run: for the test that a bug in the core becomes an exception.
    #[staticmethod]
    fn testing_panic() -> Operation {
        agglestone::Operation::TestingPanic.into()
    }

    /// The same, made by a user.
    fn as_user(&self, user_id: &UserId, py: Python<'_>) -> PyResult<Operation> {
        attempt(py, || self.operation.clone().as_user(user_id.0.clone())).map(Operation::from)
    }

    /// The same, watched; for one call.
    fn observed(&self, observation: &Observation) -> Operation {
        Operation { operation: self.operation.clone(), observation: Some(observation.to_core()) }
    }

    /// `json` is the encoded body.
    #[staticmethod]
    fn request<'py>(
        method: &Bound<'py, PyAny>,
        path: &Bound<'py, PyAny>,
        query: Pairs<'py>,
        json: Option<Vec<u8>>,
        headers: Pairs<'py>,
    ) -> PyResult<Operation> {
        let request = || {
            let mut request = Request::new(text("method", method)?, text("path", path)?)?;
            for (name, value) in &query {
                request = request.query(text("query", name)?, text("query", value)?);
            }
            for (name, value) in &headers {
                request = request.header(text("headers", name)?, text("headers", value)?)?;
            }
            match json {
                Some(json) => request.json(json),
                None => Ok(request),
            }
        };
        Ok(agglestone::Operation::Request(attempt(method.py(), request)?).into())
    }
}

/// What is to be asked beside a token.
pub fn token_check(check: Option<&Bound<'_, PyAny>>) -> Result<Option<TokenCheck>> {
    check.map(|check| TokenCheck::named(text("check", check)?)).transpose()
}

/// A checked id, for what is done with one user many times.
#[pyclass(frozen, module = "agglestone._native")]
pub struct UserId(agglestone::UserId);

#[pymethods]
impl UserId {
    #[new]
    fn new(user_id: &Bound<'_, PyAny>) -> PyResult<UserId> {
        id(user_id).map(UserId)
    }
}

/// Checks an id.
pub fn id(user_id: &Bound<'_, PyAny>) -> PyResult<agglestone::UserId> {
    attempt(user_id.py(), || agglestone::UserId::new(text("user_id", user_id)?))
}
