//! Compares what a driver answered with what a case expects; a difference is said in words.

use regex::Regex;
use serde_json::Value;

use crate::case::{Expect, ExpectedError};
use crate::driver::Answer;
use crate::face::Language;
use crate::placeholders::Placeholders;
use crate::table;

/// What a comparison gives: nothing, or what was expected and what was seen.
pub type Verdict = Result<(), String>;

/// Compares an answer with the expectation of its step.
pub fn check(expect: &Expect, answer: &Answer, known: &Placeholders, language: Language) -> Verdict {
    match (expect, answer) {
        (Expect::Error(expected), Answer::Error(seen)) => check_error(expected, seen, known, language),
        (Expect::Error(expected), Answer::Ok(value)) => {
            Err(format!("expected the error {}\nseen     {}", expected.name, short(value)))
        }
        (_, Answer::Error(error)) => Err(format!("expected success\nseen     the error {}", short(error))),
        (Expect::Success | Expect::Ok(_), Answer::Ok(_)) => Ok(()),
        (Expect::Json(expected), Answer::Ok(seen)) => {
            let expected = known.fill(expected);
            if equal(&expected, seen) { Ok(()) } else { Err(differ("", &expected, seen)) }
        }
        (Expect::Includes(expected), Answer::Ok(seen)) => includes(&known.fill(expected), seen),
        (Expect::TextMatches(pattern), Answer::Ok(seen)) => {
            let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
            match seen.as_str() {
                Some(text) if regex.is_match(text) => Ok(()),
                _ => Err(format!("expected a text that matches {pattern}\nseen     {}", short(seen))),
            }
        }
    }
}

fn check_error(expected: &ExpectedError, seen: &Value, known: &Placeholders, language: Language) -> Verdict {
    let member = |name: &str| seen.get(name).unwrap_or(&Value::Null);
    let mut wanted: Vec<(&str, Value)> = vec![("name", expected.name.clone().into())];
    if let Some(number) = table::number(&expected.name) {
        wanted.push(("code", number.into()));
    }
    if let Some(class) = table::class(&expected.name, language) {
        wanted.push(("class", class.into()));
    }
    let given = [
        ("status", &expected.status),
        ("retryable", &expected.retryable),
        ("argument", &expected.argument),
        ("reason", &expected.reason),
        ("retry_after", &expected.retry_after),
        ("request_id", &expected.request_id),
        ("service_message", &expected.service_message),
        ("attempts", &expected.attempts),
    ];
    wanted.extend(given.iter().filter_map(|(name, value)| Some((*name, known.fill(value.as_ref()?)))));
    for (name, value) in wanted {
        let same = equal(&value, member(name)) || (name == "argument" && same_name(&value, member(name)));
        if !same {
            let whole = short(seen);
            return Err(format!(
                "{}\nthe error was {whole}",
                differ(&format!("error.{name}: "), &value, member(name))
            ));
        }
    }

    let message = member("message").as_str().unwrap_or_default();
    for text in expected.message_contains.iter().map(|text| known.text(text)) {
        if !spellings(&text).iter().any(|text| message.contains(text)) {
            return Err(format!("expected a message with {text:?}\nseen     {message:?}"));
        }
    }
    for text in expected.message_lacks.iter().map(|text| known.text(text)) {
        if message.contains(&text) {
            return Err(format!("expected a message without {text:?}\nseen     {message:?}"));
        }
    }
    Ok(())
}

/// Compares what was seen, entry by entry and complete: each given member must match.
pub fn entries(expected: &Value, seen: &[Value]) -> anyhow::Result<()> {
    let lines = || seen.iter().map(|entry| format!("  {entry}")).collect::<Vec<_>>().join("\n");
    if expected.as_array().map(Vec::len) != Some(seen.len()) {
        anyhow::bail!("expected the requests {}\nseen {}:\n{}", short(expected), seen.len(), lines());
    }
    includes(expected, &seen.into())
        .map_err(|why| anyhow::anyhow!("the requests differ: {why}\nseen:\n{}", lines()))
}

/// Whether `seen` has all of `expected`: objects may have more members, arrays match item by item,
/// `{"text_matches": REGEX}` stands for every text that matches, and `{"absent": true}` for a member that is not there.
pub fn includes(expected: &Value, seen: &Value) -> Verdict {
    includes_at("", expected, seen)
}

fn includes_at(place: &str, expected: &Value, seen: &Value) -> Verdict {
    match (expected, seen) {
        (Value::Object(pattern), Value::String(text))
            if pattern.len() == 1 && pattern.contains_key("text_matches") =>
        {
            let pattern = pattern["text_matches"].as_str().unwrap_or_default();
            let regex = Regex::new(pattern).map_err(|error| error.to_string())?;
            if regex.is_match(text) { Ok(()) } else { Err(differ(place, expected, seen)) }
        }
        (Value::Object(members), Value::Object(others)) => {
            for (name, value) in members {
                let inner = format!("{place}{name}: ");
                match others.get(name) {
                    None if value.get("absent").is_some() => {}
                    Some(other) => includes_at(&inner, value, other)?,
                    None => {
                        return Err(format!(
                            "{inner}expected {}\nseen     no such member in {}",
                            short(value),
                            short(seen)
                        ));
                    }
                }
            }
            Ok(())
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let mut pairs = items.iter().zip(others).enumerate();
            pairs.try_for_each(|(index, (item, other))| {
                includes_at(&format!("{place}[{index}] "), item, other)
            })
        }
        _ if equal(expected, seen) => Ok(()),
        _ => Err(differ(place, expected, seen)),
    }
}

/// Equality in which 1 and 1.0 are one number: languages differ in how they write it. Integers are compared exactly.
pub fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) if one.is_f64() || other.is_f64() => {
            one.as_f64() == other.as_f64()
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get(name).is_some_and(|found| equal(value, found));
            one.len() == other.len() && one.iter().all(same)
        }
        _ => one == other,
    }
}

/// A setting or argument (`page_size`) as the languages spell it: `page_size`, `pageSize`, `PageSize`. Other texts stay alone.
fn spellings(text: &str) -> Vec<String> {
    let is_name = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    if !is_name {
        return vec![text.to_string()];
    }
    let pascal: String = text
        .split('_')
        .map(|word| {
            word.chars().next().map(|c| c.to_ascii_uppercase().to_string() + &word[1..]).unwrap_or_default()
        })
        .collect();
    let camel = text[..1].to_string() + &pascal[1..];
    vec![text.to_string(), camel, pascal]
}

fn same_name(expected: &Value, seen: &Value) -> bool {
    let (Some(expected), Some(seen)) = (expected.as_str(), seen.as_str()) else { return false };
    spellings(expected).iter().any(|name| name == seen)
}

fn differ(place: &str, expected: &Value, seen: &Value) -> String {
    format!("{place}expected {}\n{}seen     {}", short(expected), " ".repeat(place.len()), short(seen))
}

/// The value's text, cut where it would fill the screen.
pub fn short(value: &Value) -> String {
    const SHOWN: usize = 600;
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn known() -> Placeholders {
        let mut known = Placeholders::default();
        known.set("primary", "the-key");
        known
    }

    fn expect(value: Value) -> Expect {
        serde_json::from_value(value).expect("an expectation")
    }

    fn not_found() -> Value {
        json!({"code": 304, "name": "NOT_FOUND", "class": "NotFoundError", "message": "404: no such user", "status": 404})
    }

    #[test]
    fn includes_allows_more_members_but_no_other_items() {
        let seen = json!({"a": 1, "b": [{"c": 2, "d": 3}]});
        assert!(includes(&json!({"b": [{"c": 2.0}]}), &seen).is_ok());
        assert!(includes(&json!({"b": []}), &seen).is_err());
        assert!(includes(&json!({"a": {"text_matches": "^b"}}), &json!({"a": "bc"})).is_ok());
        assert!(includes(&json!({"a": {"text_matches": "^c"}}), &json!({"a": "bc"})).is_err());
        assert!(includes(&json!({"c": {"absent": true}}), &seen).is_ok());
        assert!(includes(&json!({"a": {"absent": true}}), &seen).is_err());
        let why = includes(&json!({"b": [{"e": 1}]}), &seen).expect_err("no e");
        assert!(why.starts_with("b: [0] e: expected 1"), "{why}");
    }

    #[test]
    fn json_is_equality() {
        let language = Language::Rust;
        let seen = Answer::Ok(json!({"a": 1, "b": null}));
        assert!(check(&expect(json!({"json": {"a": 1.0, "b": null}})), &seen, &known(), language).is_ok());
        assert!(check(&expect(json!({"json": {"a": 1}})), &seen, &known(), language).is_err());
        assert!(!equal(&json!(9_007_199_254_740_993_i64), &json!(9_007_199_254_740_992_i64)));
    }

    #[test]
    fn text_matches_is_about_strings() {
        let pattern = expect(json!({"text_matches": "^[a-z]+$"}));
        assert!(check(&pattern, &Answer::Ok(json!("abc")), &known(), Language::C).is_ok());
        assert!(check(&pattern, &Answer::Ok(json!(7)), &known(), Language::C).is_err());
    }

    #[test]
    fn an_errors_number_and_class_must_belong_to_its_name() {
        let wanted = expect(json!({"error": {"name": "NOT_FOUND", "status": 404}}));
        let verdict = |error: Value, language| check(&wanted, &Answer::Error(error), &known(), language);
        assert!(verdict(not_found(), Language::Python).is_ok());
        assert!(verdict(not_found(), Language::Csharp).is_err(), "the class is Python's");
        let mut wrong = not_found();
        wrong["code"] = json!(303);
        assert!(verdict(wrong, Language::Rust).is_err());
    }

    #[test]
    fn messages_contain_and_lack_filled_in_texts() {
        let error = Answer::Error(not_found());
        let wanted = |value| expect(json!({"error": value}));
        let verdict = |value| check(&wanted(value), &error, &known(), Language::C);
        assert!(
            verdict(
                json!({"name": "NOT_FOUND", "message_contains": ["no such"], "message_lacks": ["${primary}"]})
            )
            .is_ok()
        );
        assert!(verdict(json!({"name": "NOT_FOUND", "message_contains": ["gone"]})).is_err());
        assert!(verdict(json!({"name": "NOT_FOUND", "message_lacks": ["404"]})).is_err());
    }

    #[test]
    fn a_languages_own_spelling_of_a_name_counts() {
        let wanted =
            json!({"name": "INVALID_ARGUMENT", "argument": "page_size", "message_contains": ["page_size"]});
        let wanted = expect(json!({"error": wanted}));
        for name in ["page_size", "pageSize", "PageSize"] {
            let error = json!({"code": 100, "name": "INVALID_ARGUMENT", "message": format!("{name} is 0"), "argument": name});
            assert!(check(&wanted, &Answer::Error(error), &known(), Language::C).is_ok(), "{name}");
        }
        let error =
            json!({"code": 100, "name": "INVALID_ARGUMENT", "message": "size is 0", "argument": "size"});
        assert!(check(&wanted, &Answer::Error(error), &known(), Language::C).is_err());
    }

    #[test]
    fn success_and_error_are_not_mixed_up() {
        assert!(check(&Expect::Success, &Answer::Error(not_found()), &known(), Language::C).is_err());
        let wanted = expect(json!({"error": {"name": "NOT_FOUND"}}));
        assert!(check(&wanted, &Answer::Ok(json!(1)), &known(), Language::C).is_err());
    }
}
