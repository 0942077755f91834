//! A request to an address of a tenant, as handlers get it.

use axum::body::Body;
use axum::http::{HeaderMap, Uri};

use crate::state::Shared;

/// The parts of such a request.
pub(super) struct TenantRequest<'a> {
    pub(super) shared: &'a Shared,
    /// The tenant in the path, which need not be the one that is served.
    pub(super) tenant: &'a str,
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Body,
}
