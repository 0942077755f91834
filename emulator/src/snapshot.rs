//! What outlives an emulator: users, keys, the signing key and revocations, as one JSON document.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::keys::flaw;
use crate::signing::SigningKey;
use crate::users::{User, Users, list_of};

/// The document. Has no `Debug`, because keys are in it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Snapshot {
    pub(crate) tenant_id: String,
    pub(crate) primary_api_key: String,
    pub(crate) secondary_api_key: String,
    /// In PEM, PKCS #8.
    pub(crate) signing_key: String,
    /// The number of the last token of each user that is refused.
    pub(crate) revoked: BTreeMap<String, u64>,
    pub(crate) users: Vec<Box<RawValue>>,
}

/// The document, checked.
#[derive(Clone)]
pub(crate) struct Restored {
    pub(crate) primary_api_key: String,
    pub(crate) secondary_api_key: String,
    pub(crate) signing: Arc<SigningKey>,
    pub(crate) revoked: BTreeMap<String, u64>,
    pub(crate) users: Users,
}

impl Snapshot {
    /// Reads a document of this tenant, or says what is wrong with it. Nothing that it holds is repeated.
    pub(crate) fn read(text: &[u8], tenant: &str) -> Result<Restored, String> {
        let read: Self = serde_json::from_slice(text).map_err(|error| error.to_string())?;
        if read.tenant_id != tenant {
            return Err(format!("it is of the tenant {:?}, and {tenant:?} is served", read.tenant_id));
        }
        for (name, key) in
            [("primaryApiKey", &read.primary_api_key), ("secondaryApiKey", &read.secondary_api_key)]
        {
            flaw(key).map_or(Ok(()), |why| Err(format!("{name} {why}")))?;
        }
        if read.primary_api_key == read.secondary_api_key {
            return Err("both API keys are the same".into());
        }
        let signing = SigningKey::from_pem(&read.signing_key).map_err(|why| format!("signingKey: {why}"))?;
        let users: Vec<User> = list_of(read.users.iter().map(|user| &**user))?;
        Ok(Restored {
            primary_api_key: read.primary_api_key,
            secondary_api_key: read.secondary_api_key,
            signing: Arc::new(signing),
            revoked: read.revoked,
            users: users.into_iter().collect(),
        })
    }
}
