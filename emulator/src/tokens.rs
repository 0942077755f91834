//! Users' tokens: real RS256 JWTs, issued and verified by the emulator's own clock.

use std::sync::Arc;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Validation};

use crate::claims::Claims;
use crate::signing::KeyPair;
use crate::state::Shared;

/// Runs `work` with the key pair on a thread that may block: the key may not be made yet, and RSA is slow.
async fn with_pair<T: Send + 'static>(
    shared: &Shared,
    work: impl FnOnce(&KeyPair) -> T + Send + 'static,
) -> T {
    let key = Arc::clone(&shared.lock().signing);
    tokio::task::spawn_blocking(move || work(key.pair()))
        .await
        .expect("key work does not panic and is not cancelled")
}

/// The public half, as JWKS has it.
pub(crate) async fn key_set(shared: &Shared) -> JwkSet {
    with_pair(shared, |pair| pair.set.clone()).await
}

/// A new token of `issuer` for a user.
pub(crate) async fn issue(shared: &Shared, issuer: String, user_id: &str, groups: Vec<String>) -> String {
    let claims = claims(shared, issuer, user_id, groups);
    with_pair(shared, move |pair| pair.sign(&claims)).await
}

fn claims(shared: &Shared, issuer: String, user_id: &str, groups: Vec<String>) -> Claims {
    let now = shared.clock.unix_seconds();
    Claims {
        iss: issuer,
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
    rules.set_required_spec_claims(&["aud", "exp", "iss", "sub"]);
    // The library asks the system for the time; here the emulator's own clock counts.
    rules.validate_exp = false;
    let token = token.to_owned();
    let decoded = with_pair(shared, move |pair| {
        let decoded = jsonwebtoken::decode::<Claims>(&token, &pair.public, &rules).ok()?;
        (decoded.header.kid.as_ref() == Some(&pair.kid)).then_some(decoded.claims)
    })
    .await;
    let claims = decoded.ok_or("The token was not issued for this tenant.")?;
    let now = shared.clock.unix_seconds();
    // Callers reach the emulator by many names, and a token of each of them is its own: the key has signed it.
    if claims.tenant_id != shared.tenant || !claims.iss.ends_with(&shared.issuer_path()) {
        return Err("The token was not issued for this tenant.");
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

    use jsonwebtoken::Header;

    use super::*;
    use crate::demo;
    use crate::setup::Setup;
    use crate::signing::SigningKey;

    fn shared() -> Shared {
        let setup = Setup {
            tenant: "t".into(),
            users: demo::users(),
            token_lifetime: Duration::from_secs(900),
            request_timeout: Duration::from_secs(60),
            primary_api_key: None,
            secondary_api_key: None,
            control_token: None,
            signing: None,
            revoked: Default::default(),
            public_url: None,
            trust_forwarded: false,
            names: vec![],
            cors: vec![],
            tls: None,
        };
        Shared::new("http://here".into(), setup)
    }

    fn signing(shared: &Shared) -> Arc<SigningKey> {
        Arc::clone(&shared.lock().signing)
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
        let mut claims = claims(&shared, format!("http://here{}", shared.issuer_path()), "user", vec![]);
        change(&mut claims);
        verdict_on(&shared, &signing(&shared).pair().sign(&claims))
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
        let strange = Err("The token was not issued for this tenant.");
        assert_eq!(verdict(|claims| claims.iss.push('/')), strange);
        assert_eq!(verdict(|claims| claims.aud.push('x')), strange);
        assert_eq!(verdict(|claims| claims.tenant_id.push('x')), strange);
    }

    #[test]
    fn a_token_that_does_not_name_the_key_is_refused() {
        let shared = shared();
        let signing = signing(&shared);
        let (claims, pair) =
            (claims(&shared, format!("http://here{}", shared.issuer_path()), "user", vec![]), signing.pair());
        for kid in [None, Some("another".to_owned())] {
            let header = Header { kid, ..Header::new(Algorithm::RS256) };
            let token = jsonwebtoken::encode(&header, &claims, &pair.private).expect("a token");
            assert_eq!(verdict_on(&shared, &token), Err("The token was not issued for this tenant."));
        }
    }
}
