//! A call that has no method of its own: method, path below the tenant, query, headers, JSON body.

use bytes::Bytes;
use http::Method;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use super::endpoint::{Answer, Endpoint};
use crate::error::{Error, Result};
use crate::path::check_path;

/// Headers the client itself is responsible for: credentials, routing and framing.
const FORBIDDEN: [&str; 9] = [
    "authorization",
    "connection",
    "content-length",
    "host",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-api-key",
];

/// More than any server takes; what holds them would panic at three times as many.
const MAX_HEADERS: usize = 10_000;

/// Any call to the tenant, such as creating a user or listing groups.
///
/// ```
/// # fn main() -> Result<(), agglestone::Error> {
/// use agglestone::Request;
///
/// let create = Request::new("POST", "api/v2.0/Users")?
///     .query("notify", "false")
///     .header("Accept-Language", "en")?
///     .json(r#"{"email": "amelia.hart@example.com"}"#)?;
/// # drop(create);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    method: Method,
    path: String,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Request {
    /// A request with a method (`GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`, in any letter case) and a path
    /// below the tenant such as `api/v2.0/Users`.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `method` or `path`.
    pub fn new(method: &str, path: &str) -> Result<Request> {
        let method = match method.to_ascii_uppercase().as_str() {
            "GET" => Method::GET,
            "HEAD" => Method::HEAD,
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            _ => {
                let what = "must be GET, HEAD, POST, PUT, PATCH or DELETE";
                return Err(Error::argument("method", what));
            }
        };
        let path = check_path(path).map_err(|what| Error::argument("path", what))?;
        Ok(Request { method, path, query: Vec::new(), headers: HeaderMap::new(), body: None })
    }

    /// Adds a query parameter; name and value are encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `headers`: a name or value that no header can have,
    /// one of the headers that the client itself sets (credentials, `Host`, `Content-Length` and the like), or more than
    /// 10,000 of them.
    pub fn header(mut self, name: &str, value: &str) -> Result<Request> {
        let refuse = |what: String| Error::argument("headers", what);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse("contains a name that is not a header name".to_owned()))?;
        if FORBIDDEN.contains(&name.as_str()) {
            return Err(refuse(format!("must not contain {name}: the client sets it")));
        }
        // Beyond ASCII there are several encodings, and no telling which one a server expects.
        let value = HeaderValue::from_str(value).ok().filter(|_| value.is_ascii());
        let value =
            value.ok_or_else(|| refuse(format!("contains a value for {name} that is not visible ASCII")))?;
        if self.headers.len() >= MAX_HEADERS {
            return Err(refuse(format!("has more than {MAX_HEADERS} headers")));
        }
        self.headers.append(name, value);
        Ok(self)
    }

    /// Sets the body, which must be JSON text.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `json`.
    pub fn json(mut self, text: impl Into<Vec<u8>>) -> Result<Request> {
        let text = text.into();
        let checked: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&text);
        checked.map_err(|error| Error::argument("json", format_args!("is not JSON: {error}")))?;
        self.body = Some(text.into());
        Ok(self)
    }

    pub(super) fn into_endpoint(self) -> Endpoint {
        let target = match &self.query[..] {
            [] => self.path,
            query => {
                let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
                format!("{}?{query}", self.path)
            }
        };
        let Request { method, headers, body, .. } = self;
        Endpoint { method, target: target.into(), name: None, headers, body, answer: Answer::Anything }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_cannot_set_what_the_client_answers_for() {
        for name in FORBIDDEN.iter().chain(&["X-API-Key", "Authorization", "HOST"]) {
            let error = Request::new("GET", "a").unwrap().header(name, "x").unwrap_err();
            assert_eq!(error.argument_name(), Some("headers"), "{name}");
        }
    }

    #[test]
    fn headers_that_would_split_a_request_are_refused() {
        for (name, value) in [("X-A", "a\r\nX-B: b"), ("X-A", "a\0"), ("X A", "a"), ("", "a"), ("X-A\n", "a")]
        {
            let error = Request::new("GET", "a").unwrap().header(name, value).unwrap_err();
            assert_eq!(error.argument_name(), Some("headers"), "{name:?} {value:?}");
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let request = Request::new("get", "/api/Groups").unwrap().query("na me", "a&b=ü");
        assert_eq!(request.into_endpoint().target, "api/Groups?na+me=a%26b%3D%C3%BC");
    }

    #[test]
    fn methods_and_bodies_are_checked() {
        for method in ["", "TRACE", "CONNECT", "GE T"] {
            assert_eq!(Request::new(method, "a").unwrap_err().argument_name(), Some("method"), "{method}");
        }
        let error = Request::new("POST", "a").unwrap().json("{oops").unwrap_err();
        assert_eq!(error.argument_name(), Some("json"));
    }

    #[test]
    fn messages_name_the_route_and_not_the_id() {
        let route = |path| Request::new("PUT", path).unwrap().into_endpoint().route();
        assert_eq!(route("api/v2.0/Users/3fa85f64-5717-4562-b3fc-2c963f66afa6"), "PUT api/v2.0/Users/{id}");
        assert_eq!(route("api/Groups/jane%40example.com/members"), "PUT api/Groups/{id}/members");
    }

    #[test]
    fn more_headers_than_any_server_takes_are_refused() {
        let request = |headers: u32, name: fn(u32) -> String| {
            let request = Request::new("GET", "a").unwrap();
            (0..headers).try_fold(request, |request, number| request.header(&name(number), "v"))
        };
        let (same, different) = (|_| "x-a".to_owned(), |number| format!("x-{number}"));
        assert!(request(10_000, same).is_ok() && request(10_000, different).is_ok());
        for name in [same, different as fn(u32) -> String] {
            assert_eq!(request(40_000, name).unwrap_err().argument_name(), Some("headers"));
        }
    }
}
