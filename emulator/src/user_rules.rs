//! What a user has to look like to be created or changed through the service: the documented members have their types.
//! Seeds and the control API may give users that break these rules, so that clients can be tried with them.

use email_address::EmailAddress;
use serde::de::DeserializeOwned;

use crate::users::Members;

/// What is wrong with these members, if anything is. Members nobody here knows are anything.
pub(crate) fn flaw(members: &Members) -> Option<&'static str> {
    for (name, json) in members {
        let json = json.get();
        let flaw = match name.as_str() {
            "email" => match serde_json::from_str::<Option<String>>(json) {
                Ok(email) if email.as_deref().is_none_or(EmailAddress::is_valid) => None,
                _ => Some("has an email that is neither an e-mail address nor null"),
            },
            "displayName" => {
                unless::<Option<String>>(json, "has a displayName that is neither a string nor null")
            }
            "userType" => unless::<String>(json, "has a userType that is not a string"),
            "enabled" => unless::<bool>(json, "has an enabled that is not a boolean"),
            "owner" => unless::<bool>(json, "has an owner that is not a boolean"),
            "requirePasswordReset" => {
                unless::<bool>(json, "has a requirePasswordReset that is not a boolean")
            }
            "lastLoggedIn" => {
                unless::<Option<String>>(json, "has a lastLoggedIn that is neither a string nor null")
            }
            "lastTokenRefresh" => {
                unless::<Option<String>>(json, "has a lastTokenRefresh that is neither a string nor null")
            }
            _ => None,
        };
        if flaw.is_some() {
            return flaw;
        }
    }
    None
}

fn unless<T: DeserializeOwned>(json: &str, flaw: &'static str) -> Option<&'static str> {
    serde_json::from_str::<T>(json).is_err().then_some(flaw)
}
