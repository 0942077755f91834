//! What a believed token says, and which claims make it believable.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::members::Members;
use super::reason::{Reason, Refusal};
use crate::error::{Error, Result};
use crate::reply::Reply;

/// The end of the year 9999, beyond which no language has dates.
const LAST_SECOND: f64 = 253_402_300_799.0;

/// What a verified token says. Cheap to clone.
///
/// ```no_run
/// # fn example(client: agglestone::Client, token: &str) -> Result<(), agglestone::Error> {
/// let claims = client.verify_token(token)?;
/// println!("{} is in {:?}", claims.user_id(), claims.groups());
/// let id: Option<String> = claims.get("jti");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Claims(Arc<Parts>);

struct Parts {
    user_id: String,
    groups: Vec<String>,
    expires_at: Duration,
    json: String,
    /// What a language has made of them.
    native: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl Parts {
    fn new(user_id: String, groups: Vec<String>, expires_at: Duration, json: String) -> Parts {
        Parts { user_id, groups, expires_at, json, native: OnceLock::new() }
    }
}

impl Claims {
    /// The user that the token represents: its claim `userId`, or else `sub`.
    pub fn user_id(&self) -> &str {
        &self.0.user_id
    }

    /// The groups that the user is in, from an array or a single text; empty when the token names none.
    pub fn groups(&self) -> &[String] {
        &self.0.groups
    }

    /// When the token expires.
    pub fn expires_at(&self) -> SystemTime {
        UNIX_EPOCH + self.0.expires_at
    }

    /// Any claim by its name; `None` when there is none of this type.
    pub fn get<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        Members::read_scanned(self.0.json.as_bytes()).ok()?.get(name)
    }

    /// All claims as a JSON object: `userId` is always there, `groups` is always an array of texts, every other claim is as the
    /// token has it.
    pub fn json(&self) -> &str {
        &self.0.json
    }

    /// What a language makes of the claims, which is made once and lives as long as they do; for bindings.
    ///
    /// # Errors
    /// Those of `make`.
    ///
    /// # Panics
    /// If it was of another type before.
    #[doc(hidden)]
    pub fn native<T: Any + Send + Sync, E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let native = match self.0.native.get() {
            Some(native) => native,
            None => {
                let made = make()?;
                self.0.native.get_or_init(|| Box::new(made))
            }
        };
        Ok(native.downcast_ref().expect("a language makes one thing of claims"))
    }

    /// The claims that a call's reply holds.
    pub(crate) fn from_reply(reply: Reply) -> Result<Claims> {
        let json = String::from_utf8(reply.into_body()).ok();
        json.and_then(Claims::from_json).ok_or_else(|| Error::panic("the claims of a token"))
    }

    fn from_json(json: String) -> Option<Claims> {
        let members = Members::read_scanned(json.as_bytes()).ok()?;
        let expires_at = Duration::try_from_secs_f64(members.get("exp")?).ok()?;
        let (user_id, groups) = (members.get("userId")?, members.get("groups")?);
        Some(Claims(Arc::new(Parts::new(user_id, groups, expires_at, json))))
    }

    /// Whether the token has expired.
    pub(super) fn are_over(&self, rules: &Rules, now: SystemTime) -> bool {
        is_over(self.0.expires_at, rules.tolerance, now)
    }
}

/// With the user alone: the other claims may be personal.
impl fmt::Debug for Claims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claims").field("user_id", &self.0.user_id).finish_non_exhaustive()
    }
}

fn is_over(expires_at: Duration, tolerance: Duration, now: SystemTime) -> bool {
    now.duration_since(UNIX_EPOCH).unwrap_or_default() >= expires_at + tolerance
}

/// What a client expects of claims.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub tenant_id: String,
    pub audience: Option<String>,
    pub tolerance: Duration,
}

impl Rules {
    /// Whether a token is another's: what is known before anything of it is believed.
    pub fn check_origin(&self, payload: &Members<'_>, issuer: &str) -> Result<(), Refusal> {
        if payload.text("iss").as_deref() != Some(issuer) {
            return Err(Reason::WrongIssuer.refusal("was issued by somebody else"));
        }
        // A GUID, which may be configured in another letter case.
        let tenant = payload.text("tenantId");
        if !tenant.is_some_and(|tenant| tenant.eq_ignore_ascii_case(&self.tenant_id)) {
            return Err(Reason::WrongTenant.refusal("is another tenant's"));
        }
        Ok(())
    }

    /// The claims of a token whose signature is right.
    pub fn check(&self, payload: &Members<'_>, issuer: &str, now: SystemTime) -> Result<Claims, Refusal> {
        self.check_origin(payload, issuer)?;
        self.check_audience(payload)?;
        let malformed = |what| Reason::Malformed.refusal(what);
        let exp: f64 = payload.get("exp").ok_or(malformed("has no `exp` that is a number"))?;
        if exp > LAST_SECOND {
            return Err(malformed("has an `exp` beyond the year 9999"));
        }
        let expires_at = Duration::from_secs_f64(exp.max(0.0));
        if is_over(expires_at, self.tolerance, now) {
            return Err(Reason::Expired.refusal("has expired"));
        }
        if payload.has("nbf") {
            let nbf: f64 = payload.get("nbf").ok_or(malformed("has an `nbf` that is no number"))?;
            let now = (now + self.tolerance).duration_since(UNIX_EPOCH).unwrap_or_default();
            if nbf > now.as_secs_f64() {
                return Err(Reason::NotYetValid.refusal("is not valid yet"));
            }
        }
        let user_id =
            ["userId", "sub"].iter().find_map(|name| payload.text(name).filter(|id| !id.is_empty()));
        let user_id = user_id.ok_or(malformed("names no user in `userId` or `sub`"))?.into_owned();
        let groups = groups(payload);
        let json = write(payload, &user_id, &groups);
        Ok(Claims(Arc::new(Parts::new(user_id, groups, expires_at, json))))
    }

    /// The service documents no audience: without one a token is believed, with one it has to be ours.
    fn check_audience(&self, payload: &Members<'_>) -> Result<(), Refusal> {
        if !payload.has("aud") {
            return Ok(());
        }
        let audiences = match payload.text("aud") {
            Some(one) => vec![one.into_owned()],
            None => payload.get("aud").unwrap_or_default(),
        };
        let is_ours = |audience: &String| {
            Some(audience) == self.audience.as_ref() || audience.eq_ignore_ascii_case(&self.tenant_id)
        };
        if audiences.iter().any(is_ours) {
            return Ok(());
        }
        Err(Reason::WrongAudience.refusal("is meant for another audience"))
    }
}

/// The claim's shape is not documented; what is no text grants nothing.
fn groups(payload: &Members<'_>) -> Vec<String> {
    if let Some(one) = payload.text("groups") {
        return vec![one.into_owned()];
    }
    let items: Vec<serde_json::Value> = payload.get("groups").unwrap_or_default();
    items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// As JSON. Values stand as the token has them, so that no number changes on its way.
fn write(payload: &Members<'_>, user_id: &str, groups: &[String]) -> String {
    fn push(json: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
        serde_json::to_writer(json, value).expect("texts are always JSON");
    }
    let mut json = Vec::with_capacity(512);
    json.extend(br#"{"userId":"#);
    push(&mut json, user_id);
    json.extend(br#","groups":"#);
    push(&mut json, groups);
    for (name, value) in payload.iter().filter(|(name, _)| !matches!(*name, "userId" | "groups")) {
        json.push(b',');
        push(&mut json, name);
        json.push(b':');
        json.extend(value.as_bytes());
    }
    json.push(b'}');
    String::from_utf8(json).expect("it was made of texts")
}
