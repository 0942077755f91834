//! Users' tokens: real RS256 JWTs, and the key they are signed with.
//! Making an RSA key takes longer than everything else at start, so it happens in the background.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use serde::{Deserialize, Serialize};

use crate::keys::random_guid;
use crate::state::Shared;

/// What a token says.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    iss: String,
    sub: String,
    #[serde(rename = "userId")]
    pub(crate) user_id: String,
    #[serde(rename = "tenantId")]
    tenant_id: String,
    aud: String,
    pub(crate) groups: Vec<String>,
    iat: u64,
    nbf: u64,
    exp: u64,
    jti: String,
}

/// Tokens are numbered as they are issued, so that those of before a revocation can be told from those of after.
#[derive(Default)]
pub(crate) struct Revoked {
    issued: u64,
    /// The number up to which a user's tokens are refused.
    until: HashMap<String, u64>,
}

impl Revoked {
    /// The `jti` of a new token: its number, and something nobody can guess.
    fn next_id(&mut self) -> String {
        self.issued += 1;
        format!("{}-{}", self.issued, random_guid())
    }

    /// Refuses every token that the user has at this moment.
    pub(crate) fn revoke(&mut self, user_id: &str) {
        self.until.insert(user_id.to_owned(), self.issued);
    }

    fn holds(&self, claims: &Claims) -> bool {
        let number = claims.jti.split('-').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        self.until.get(&claims.user_id).is_some_and(|until| number <= *until)
    }

    pub(crate) fn clear(&mut self) {
        // The numbers go on: a token of before the clearing is never taken for a later one.
        self.until.clear();
    }
}

/// A tenant's signing key, which may still be in the making.
#[derive(Default)]
pub(crate) struct SigningKey(OnceLock<KeyPair>);

struct KeyPair {
    kid: String,
    private: EncodingKey,
    public: DecodingKey,
    set: JwkSet,
}

/// One key a tenant and process: a test program starts many emulators, and they need not pay for a key each.
static KEYS: LazyLock<Mutex<HashMap<String, Arc<SigningKey>>>> = LazyLock::new(Mutex::default);

impl SigningKey {
    /// The key of a tenant. Returns at once; the key itself is made in the background.
    pub(crate) fn of_tenant(tenant: &str) -> Arc<Self> {
        let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
        keys.entry(tenant.to_owned())
            .or_insert_with(|| {
                let key = Arc::new(Self::default());
                let maker = Arc::clone(&key);
                // If no thread can be had, the first request that needs the key makes it.
                let _ =
                    std::thread::Builder::new().name("signing-key".into()).spawn(move || _ = maker.pair());
                key
            })
            .clone()
    }

    fn pair(&self) -> &KeyPair {
        self.0.get_or_init(KeyPair::generate)
    }
}

impl KeyPair {
    fn generate() -> Self {
        let key = RsaPrivateKey::new(&mut OsRng, 2048).expect("2048 bits are a valid size");
        let der = key.to_pkcs1_der().expect("a fresh key encodes");
        let private = EncodingKey::from_rsa_der(der.as_bytes());
        let mut jwk = Jwk::from_encoding_key(&private, Algorithm::RS256).expect("an RSA key has a JWK");
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).expect("an RSA key has a thumbprint");
        jwk.common.key_id = Some(kid.clone());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        Self {
            kid,
            private,
            public: DecodingKey::from_jwk(&jwk).expect("its own JWK reads back"),
            set: JwkSet { keys: vec![jwk] },
        }
    }

    fn sign(&self, claims: &Claims) -> String {
        let mut header = Header::new(Algorithm::RS256);
        header.kid = Some(self.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.private).expect("an RSA key signs RS256")
    }
}

/// Runs `work` with the key pair on a thread that may block: the key may not be made yet, and RSA is slow.
async fn with_pair<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&KeyPair) -> T + Send + 'static,
) -> T {
    let key = Arc::clone(&shared.signing);
    tokio::task::spawn_blocking(move || work(key.pair()))
        .await
        .expect("key work does not panic and is not cancelled")
}

/// The public half, as JWKS has it.
pub(crate) async fn key_set(shared: &Shared) -> JwkSet {
    with_pair(shared, |pair| pair.set.clone()).await
}

/// A new token for a user.
pub(crate) async fn issue(shared: &Shared, user_id: &str, groups: Vec<String>) -> String {
    let claims = claims(shared, user_id, groups);
    with_pair(shared, move |pair| pair.sign(&claims)).await
}

fn claims(shared: &Shared, user_id: &str, groups: Vec<String>) -> Claims {
    let now = shared.clock.unix_seconds();
    Claims {
        iss: shared.issuer(),
        sub: user_id.to_owned(),
        user_id: user_id.to_owned(),
        tenant_id: shared.tenant.clone(),
        aud: shared.tenant.clone(),
        groups,
        iat: now,
        nbf: now,
        exp: now + shared.token_lifetime.as_secs(),
        jti: shared.lock().revoked.next_id(),
    }
}

/// The claims of a token that this tenant issued and that has not expired, or why it is refused.
pub(crate) async fn verify(shared: &Shared, token: &str) -> Result<Claims, &'static str> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_audience(&[&shared.tenant]);
    rules.set_issuer(&[shared.issuer()]);
    rules.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    // The library asks the system for the time; here the emulator's own clock counts.
    rules.validate_exp = false;
    let token = token.to_owned();
    let decoded = with_pair(shared, move |pair| {
        let decoded = jsonwebtoken::decode::<Claims>(&token, &pair.public, &rules).ok()?;
        (decoded.header.kid.as_ref() == Some(&pair.kid)).then_some(decoded.claims)
    })
    .await;
    let claims = decoded.ok_or("The token is not one of this tenant's.")?;
    let now = shared.clock.unix_seconds();
    if claims.tenant_id != shared.tenant {
        return Err("The token is not one of this tenant's.");
    }
    if shared.lock().revoked.holds(&claims) {
        return Err("The token was revoked.");
    }
    if now < claims.nbf {
        return Err("The token is not valid yet.");
    }
    if now >= claims.exp {
        return Err("The token has expired.");
    }
    Ok(claims)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::demo;

    fn shared() -> Shared {
        Shared::new("http://here".into(), "here".into(), "t".into(), demo::users(), Duration::from_secs(900))
    }

    fn verdict_on(shared: &Shared, token: &str) -> Result<String, &'static str> {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime")
            .block_on(verify(shared, token))
            .map(|claims| claims.user_id)
    }

    /// What becomes of a token with these claims, changed by `change`.
    fn verdict(change: impl FnOnce(&mut Claims)) -> Result<String, &'static str> {
        let shared = shared();
        let mut claims = claims(&shared, "user", vec![]);
        change(&mut claims);
        verdict_on(&shared, &shared.signing.pair().sign(&claims))
    }

    #[test]
    fn a_token_is_accepted_while_it_lives() {
        assert_eq!(verdict(|_| {}), Ok("user".to_owned()));
    }

    #[test]
    fn a_token_is_refused_before_its_time_and_from_the_second_it_expires() {
        let expired = Err("The token has expired.");
        assert_eq!(verdict(|claims| claims.exp = claims.iat), expired);
        let early = Err("The token is not valid yet.");
        assert_eq!(verdict(|claims| claims.nbf += 60), early);
    }

    #[test]
    fn a_well_signed_token_of_somebody_else_is_refused() {
        let strange = Err("The token is not one of this tenant's.");
        assert_eq!(verdict(|claims| claims.iss.push('/')), strange);
        assert_eq!(verdict(|claims| claims.aud.push('x')), strange);
        assert_eq!(verdict(|claims| claims.tenant_id.push('x')), strange);
    }

    #[test]
    fn a_token_that_does_not_name_the_key_is_refused() {
        let shared = shared();
        let (claims, pair) = (claims(&shared, "user", vec![]), shared.signing.pair());
        for kid in [None, Some("another".to_owned())] {
            let header = Header { kid, ..Header::new(Algorithm::RS256) };
            let token = jsonwebtoken::encode(&header, &claims, &pair.private).expect("a token");
            assert_eq!(verdict_on(&shared, &token), Err("The token is not one of this tenant's."));
        }
    }
}
