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

/// More than most servers take.
const MAX_HEADERS: usize = 100;
/// Names and values together, with what stands between them.
const MAX_HEADER_BYTES: usize = 64 * 1024;

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

    /// Adds a query parameter; name and value are encoded. A call whose path and query come to more than 32 KiB is refused when
    /// it is made, with [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `query`.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Request {
        self.add_query(name, value);
        self
    }

    /// Adds a header.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `headers`: a name or value that no header can have,
    /// one of the headers that the client itself sets (credentials, `Host`, `Content-Length` and the like, also with `_` for
    /// `-`), more than 100 of them, or more than 64 KiB.
    pub fn header(mut self, name: &str, value: &str) -> Result<Request> {
        self.add_header(name, value)?;
        Ok(self)
    }

    /// [`query`](Request::query) in place; for bindings.
    #[doc(hidden)]
    pub fn add_query(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.query.push((name.into(), value.into()));
    }

    /// [`header`](Request::header) in place; for bindings. After an error nothing has changed.
    ///
    /// # Errors
    /// As [`header`](Request::header).
    #[doc(hidden)]
    pub fn add_header(&mut self, name: &str, value: &str) -> Result<()> {
        let refuse = |what: String| Error::argument("headers", what);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| refuse("contains a name that is not a header name".to_owned()))?;
        // Gateways that make variables of headers merge both spellings.
        if FORBIDDEN.contains(&&*name.as_str().replace('_', "-")) {
            return Err(refuse(format!("must not contain {name}: the client sets it")));
        }
        // Beyond ASCII there are several encodings, and no telling which one a server expects.
        let value = HeaderValue::from_str(value).ok().filter(|_| value.is_ascii());
        let value =
            value.ok_or_else(|| refuse(format!("contains a value for {name} that is not visible ASCII")))?;
        if self.headers.len() >= MAX_HEADERS {
            return Err(refuse(format!("has more than {MAX_HEADERS} headers")));
        }
        let bytes = |name: &HeaderName, value: &HeaderValue| name.as_str().len() + value.len() + 4;
        let others: usize = self.headers.iter().map(|(name, value)| bytes(name, value)).sum();
        if others + bytes(&name, &value) > MAX_HEADER_BYTES {
            return Err(refuse(format!("has more than {MAX_HEADER_BYTES} bytes of headers")));
        }
        self.headers.append(name, value);
        Ok(())
    }

    /// Sets the body, which must be JSON text in UTF-8.
    ///
    /// # Errors
    /// [`Code::InvalidArgument`](crate::Code::InvalidArgument) naming `json`.
    pub fn json(mut self, text: impl Into<Vec<u8>>) -> Result<Request> {
        self.set_json(text)?;
        Ok(self)
    }

    /// [`json`](Request::json) in place; for bindings. After an error nothing has changed.
    ///
    /// # Errors
    /// As [`json`](Request::json).
    #[doc(hidden)]
    pub fn set_json(&mut self, text: impl Into<Vec<u8>>) -> Result<()> {
        let text = text.into();
        // The parser does not look into the strings that it skips.
        std::str::from_utf8(&text).map_err(|_| Error::argument("json", "is not UTF-8"))?;
        let checked: Result<serde::de::IgnoredAny, _> = serde_json::from_slice(&text);
        checked.map_err(|error| Error::argument("json", format_args!("is not JSON: {error}")))?;
        self.body = Some(text.into());
        Ok(())
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
        for name in FORBIDDEN.iter().chain(&["X-API-Key", "X_API_Key", "x-api_key", "Authorization", "HOST"])
        {
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
        for json in [&b"{oops"[..], b"\"\xff\"", b"{\"a\":[\"\xc3\"]}"] {
            let error = Request::new("POST", "a").unwrap().json(json).unwrap_err();
            assert_eq!(error.argument_name(), Some("json"), "{json:?}");
        }
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
        assert!(request(100, same).is_ok() && request(100, different).is_ok());
        for name in [same, different as fn(u32) -> String] {
            assert_eq!(request(101, name).unwrap_err().argument_name(), Some("headers"));
        }
        let large = |bytes| Request::new("GET", "a").unwrap().header("x-a", &"x".repeat(bytes));
        assert!(large(64 * 1024 - 7).is_ok());
        assert_eq!(large(64 * 1024 - 6).unwrap_err().argument_name(), Some("headers"));
        let mut request = large(40_000).unwrap();
        assert!(request.add_header("x-b", &"x".repeat(40_000)).is_err());
        assert!(request.add_header("x-b", "x").is_ok());
    }
}
