//! Checks a body against what was promised, in one pass, and picks out what the core itself needs of it.

use std::time::SystemTime;

use zeroize::Zeroizing;

use super::paging::PageShape;
use crate::json::{Fault, Notes, Scanner, Value, decode};
use crate::operation::UserId;
use crate::secret::Token;

/// A page: an object with an array of users under `data`. Numbers that are none count as absent.
pub(super) fn page(body: &[u8], notes: impl Notes) -> Result<PageShape<'_>, String> {
    let mut page = PageShape::default();
    let mut has_data = false;
    scan(body, notes, |scanner, name| {
        match name {
            "data" => {
                has_data = true;
                scanner.items(|scanner| {
                    page.last = one_user(scanner)?;
                    if page.users == 0 {
                        page.first = page.last;
                    }
                    page.users += 1;
                    Ok(())
                })?;
            }
            "pageSize" => page.size = whole_number(scanner.value()?),
            // Sister services call the total `totalCount` (`service.md`, "Users").
            "totalRecords" => page.total = whole_number(scanner.value()?).or(page.total),
            "totalCount" => page.total = page.total.or(whole_number(scanner.value()?)),
            _ => drop(scanner.value()?),
        }
        Ok(())
    })?;
    if has_data { Ok(page) } else { Err("a JSON object of another shape (without `data`)".to_owned()) }
}

/// A user, and the one that was asked for where both ids are GUIDs.
pub(super) fn user(body: &[u8], asked: &UserId, notes: impl Notes) -> Result<(), String> {
    let mut id = None;
    whole(body, notes, |scanner| {
        id = Some(one_user(scanner)?);
        Ok(())
    })?;
    match (id.and_then(|id| guid(&decode(id))), guid(asked.as_str())) {
        (Some(id), Some(asked)) if id != asked => Err("another user".to_owned()),
        _ => Ok(()),
    }
}

/// A token of the user asked for and, by its usual names, how long it lives; the latter is not documented, so nothing depends on its type.
pub(super) fn token(
    body: &[u8],
    asked: &UserId,
    date: Option<SystemTime>,
    now: SystemTime,
) -> Result<Token, String> {
    let (mut token, mut expires_in) = (None, None);
    scan(body, (), |scanner, name| {
        match (name, scanner.value()?) {
            ("token", Value::String(text)) => token = Some(text.get()),
            ("expiresIn" | "expires_in", Value::Number(text)) => expires_in = text.parse().ok(),
            _ => {}
        }
        Ok(())
    })?;
    let token = token.ok_or("a JSON object of another shape (without a `token`)")?;
    Token::new(&Zeroizing::new(decode(token).into_owned()))
        .and_then(|token| if is_of_another(&token, asked) { Err("is another user's") } else { Ok(token) })
        .and_then(|token| token.with_life(date, expires_in, now))
        .map_err(|what| format!("a `token` that {what}"))
}

/// Whether a token names somebody else in each claim that names a user (`service.md`, "Tokens"). Where there is one alone,
/// it might be a name of another kind, so both have to be GUIDs.
fn is_of_another(token: &Token, asked: &UserId) -> bool {
    let names = token.user_ids();
    let mut names = names.iter().flatten();
    match (names.next(), names.next()) {
        (Some(one), Some(other)) => {
            [one, other].iter().all(|name| !name.eq_ignore_ascii_case(asked.as_str()))
        }
        (Some(one), None) => {
            matches!((guid(one), guid(asked.as_str())), (Some(one), Some(asked)) if one != asked)
        }
        _ => false,
    }
}

/// Scans a user; gives the id as it stands, which is called `id` by one third party.
fn one_user<'a>(scanner: &mut Scanner<'a, impl Notes>) -> Result<&'a str, Fault> {
    let (mut user_id, mut id) = (None, None);
    let fault = scanner.here("a user without an id");
    scanner.members(|scanner, name| {
        let value = scanner.value()?;
        match name {
            "userId" => user_id = Some(value),
            "id" => id = Some(value),
            _ => {}
        }
        Ok(())
    })?;
    match user_id.or(id) {
        Some(Value::String(id)) if !id.get().is_empty() => Ok(id.get()),
        _ => Err(fault),
    }
}

fn scan<'a, N: Notes>(
    body: &'a [u8],
    notes: N,
    each: impl FnMut(&mut Scanner<'a, N>, &str) -> Result<(), Fault>,
) -> Result<(), String> {
    whole(body, notes, |scanner| scanner.members(each))
}

/// Scans a whole body; the error says what the body is instead, without quoting it.
fn whole<'a, N: Notes>(
    body: &'a [u8],
    notes: N,
    read: impl FnOnce(&mut Scanner<'a, N>) -> Result<(), Fault>,
) -> Result<(), String> {
    if body.is_empty() {
        return Err("an empty body".to_owned());
    }
    let scanned = Scanner::new(body, notes).and_then(|mut scanner| {
        read(&mut scanner)?;
        scanner.end()
    });
    scanned.map_err(|fault| describe(body, &fault))
}

fn describe(body: &[u8], fault: &Fault) -> String {
    let before = &body[..fault.at.min(body.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    let place = format!("line {line}, column {column}");
    let is_json =
        || Scanner::new(body, ()).is_ok_and(|mut scanner| scanner.value().is_ok() && scanner.end().is_ok());
    match fault.what {
        // That an object is wanted here is no fault of the text.
        "no object" | "no array" if is_json() => format!("{} of another shape ({place})", kind(body)),
        what if what.starts_with("a user") => format!("{what} ({place})"),
        what if what.starts_with("no ") => format!("a body that is not JSON ({place})"),
        what => format!("a body that is not JSON ({what}, {place})"),
    }
}

/// What kind of JSON a body is.
fn kind(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        Some(b'{') => "a JSON object",
        Some(b'[') => "a JSON array",
        _ => "JSON",
    }
}

fn whole_number(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// The number of a GUID in its usual form.
fn guid(text: &str) -> Option<u128> {
    let dashes = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
    let digits: String = text.split('-').collect();
    (dashes && digits.len() == 32).then(|| u128::from_str_radix(&digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_its_users_its_size_and_its_total_by_either_name() {
        let users = r#"{"userId":"a"},{"userId":"b"}"#;
        for (rest, size, total) in [
            (r#""pageSize":2,"totalRecords":5"#, Some(2), Some(5)),
            (r#""pageSize":2,"totalCount":4"#, Some(2), Some(4)),
            (r#""totalRecords":5,"totalCount":1"#, None, Some(5)),
            (r#""totalCount":1,"totalRecords":5"#, None, Some(5)),
            (r#""pageSize":null,"totalRecords":null,"totalCount":1"#, None, Some(1)),
            // What is no whole number is none.
            (r#""pageSize":"2","totalRecords":-1"#, None, None),
            (r#""totalRecords":"230""#, None, None),
            (r#""totalRecords":230.0"#, None, None),
        ] {
            let text = format!(r#"{{"data":[{users}],{rest}}}"#);
            let page = page(text.as_bytes(), ()).unwrap();
            assert_eq!((page.users, page.first, page.last), (2, "a", "b"));
            assert_eq!((page.size, page.total), (size, total), "{rest}");
        }
        assert_eq!(page(br#"{"data":[]}"#, ()).unwrap().users, 0);
    }

    #[test]
    fn a_user_has_an_id_that_is_text_and_where_both_are_guids_it_is_the_one_asked_for() {
        let asked = |id: &str| UserId::new(id).unwrap();
        let one = "b95816fe-f4ab-49ac-889a-e6a161005339";
        let user = |body: &str, id: &str| user(body.as_bytes(), &asked(id), ());
        for body in [
            format!(r#"{{"userId":"{one}"}}"#),
            format!(r#"{{"userId":"{}"}}"#, one.to_uppercase()),
            format!(r#"{{"id":"{one}","x":[]}}"#),
            format!(r#"{{"id":7,"userId":"{one}"}}"#),
            r#"{"userId":"jane"}"#.to_owned(),
        ] {
            assert_eq!(user(&body, one), Ok(()), "{body}");
        }
        for (body, why) in [
            (r#"{"error":"maintenance"}"#, "without an id"),
            (r#"{"userId":""}"#, "without an id"),
            (r#"{"userId":{"a":1}}"#, "without an id"),
            (r#"{"userId":null,"id":"a"}"#, "without an id"),
            (r#"{"id":7}"#, "without an id"),
            (r#"{"userId":"3fa85f64-5717-4562-b3fc-2c963f66afa6"}"#, "another user"),
        ] {
            let what = user(body, one).unwrap_err();
            assert!(what.contains(why), "{body}: {what}");
        }
        assert!(page(br#"{"data":[{"userId":"a"},{"email":"b"}]}"#, ()).is_err());
    }
    #[test]
    fn a_token_is_the_users_that_was_asked_for() {
        use base64::Engine;
        let one = "b95816fe-f4ab-49ac-889a-e6a161005339";
        let other = "3fa85f64-5717-4562-b3fc-2c963f66afa6";
        let read = |claims: String, asked: &str| {
            let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims);
            let body = format!(r#"{{"token":"e30.{payload}.sig"}}"#);
            token(body.as_bytes(), &UserId::new(asked).unwrap(), None, SystemTime::now()).map(drop)
        };
        for (claims, asked) in [
            (format!(r#"{{"sub":"{one}","userId":"{one}"}}"#), one),
            (format!(r#"{{"sub":"{}","userId":"{other}"}}"#, one.to_uppercase()), one),
            (format!(r#"{{"sub":"auth0|7","userId":"{one}"}}"#), one),
            (r#"{"sub":"auth0|7"}"#.to_owned(), one),
            (format!(r#"{{"sub":"{other}","userId":7}}"#), "jane"),
            (r#"{"sub":null,"userId":""}"#.to_owned(), one),
            ("{}".to_owned(), one),
        ] {
            assert_eq!(read(claims.clone(), asked), Ok(()), "{claims}");
        }
        for (claims, asked) in [
            (format!(r#"{{"sub":"{other}","userId":"{other}"}}"#), one),
            (r#"{"sub":"joe","userId":"jim"}"#.to_owned(), "jane"),
            (format!(r#"{{"userId":"{other}"}}"#), one),
        ] {
            assert_eq!(
                read(claims.clone(), asked),
                Err("a `token` that is another user's".to_owned()),
                "{claims}"
            );
        }
    }
}
