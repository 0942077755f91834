use super::*;

fn scan(text: impl AsRef<[u8]>) -> Result<(), Fault> {
    let mut scanner = Scanner::new(text.as_ref(), ())?;
    scanner.value()?;
    scanner.end()
}

#[test]
fn what_is_json_is_taken_and_what_is_none_is_refused_as_by_serde_json() {
    let taken = [
        "{}",
        "[]",
        " { } ",
        "[1,-0,0.5,1e9,-1.25E-7]",
        r#""""#,
        r#""\u00e4\n\"\/""#,
        "null",
        "true",
        "false",
        r#"{"a":{"b":[{"c":null}]},"d":"é"}"#,
        r#""\ud83d\ude00""#,
        "\n\t[ 1 , 2 ]\r",
        r#"[{"a":1,"b":2},{"a":1,"b":2},{ "a":1 ,"b" :2},{"a":1,"b":2},{},{"b":2,"a":1}]"#,
    ];
    #[rustfmt::skip]
    let refused = [
        "", " ", "{", "}", "[", "[1", "[1,", "[1,]", r#"{"a""#, r#"{"a":"#, r#"{"a":1"#, r#"{"a":1,}"#, "{a:1}", "{1:1}",
        "nul", "nulls", "tru", "01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "NaN", "Infinity", "1e999", "-1e999",
        r#"""#, r#""\"#, r#""\x""#, r#""\u12""#, r#""\u12g4""#, r#""\ud800""#, r#""\udc00""#, r#""\ud800\u0041""#,
        r#"[{"a":1,"b":2},{"a":1"b":2}]"#, r#"[{"a":1,"b":2},{"a":1,"b":2,}]"#, r#"[{"a":1},{,"a":1}]"#,
        r#"[{"\u0061":1,"b":2},{,"b":2}]"#, r#"[{"a":1,"b":2},{"a":1,"b"2}]"#, r#"[{"a":1},{"a":}]"#, "[{},{,}]",
        r#""\ud800x""#, "\"a\nb\"", "\"a\u{1}b\"", "'a'", "{} {}", "[] 1", "\u{feff}{}", "/**/1", "[1 2]", r#"{"a" 1}"#,
    ];
    for text in taken {
        assert_eq!(scan(text), Ok(()), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_ok(), "{text}");
    }
    for text in refused {
        assert!(scan(text).is_err(), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
    assert!(scan(b"\"\xff\"").is_err());
    assert!(scan("1".repeat(400)).is_err());
    assert!(scan(format!("[{}]", "1".repeat(300))).is_ok());
}

#[test]
fn a_name_that_comes_twice_is_refused_wherever_and_however_it_is_written() {
    let many: Vec<String> = (0..1000).map(|n| format!(r#""k{n}":1"#)).collect();
    let many = many.join(",");
    for text in [
        r#"{"a":1,"b":{"a":1},"c":[{"a":1},{"a":1}]}"#,
        r#"[{"a":1,"b":2},{"a":1,"c":2},{"b":1,"a":2},{"a":1,"b":2,"c":3},{"a":1}]"#,
        r#"[{"a":1},{"\u0061":1},{"a":2}]"#,
        &format!(r#"[{{{many}}},{{{many}}},{{{many},"x":1}}]"#),
    ] {
        assert_eq!(scan(text), Ok(()), "{text}");
    }
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"b":{"a":1,"\u0061":1}}"#,
        r#"{"\u0061":1,"a":1}"#,
        r#"{"\u0061":1,"\u0061":1}"#,
        r#"[{"a":1,"b":2},{"a":1,"b":2,"a":3}]"#,
        r#"[{"a":1,"b":2,"c":3},{"a":1,"b":2,"b":3}]"#,
        r#"[{"a":1,"b":2},{"b":1,"b":2}]"#,
        &format!(r#"{{{many},"k999":1}}"#),
        &format!(r#"[{{{many}}},{{{many},"k0":1}}]"#),
        &format!(r#"[{{{many},"x":1}},{{{many},"k500":1}}]"#),
        &format!(r#"{{{many},"k99\u0039":1}}"#),
    ] {
        assert_eq!(scan(text).unwrap_err().what, "a name that comes twice", "{text}");
    }
}

/// Each looked for in a list of all, they would take minutes.
#[test]
fn names_that_have_to_be_decoded_may_be_many() {
    let names: Vec<String> = (0..50_000).map(|n| format!(r#""\u006b{n}":1"#)).collect();
    let names = names.join(",");
    assert_eq!(scan(format!("{{{names}}}")), Ok(()));
    assert!(scan(format!(r#"{{{names},"k7777":1}}"#)).is_err());
}

#[test]
fn endless_nesting_is_refused_and_deep_nesting_is_not() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!(scan(nested(127)), Ok(()));
    for depth in [129, 100_000] {
        assert_eq!(scan(nested(depth)).unwrap_err().what, "nested too deeply");
    }
    assert!(scan(r#"{"a":"#.repeat(100_000)).is_err());
}

#[test]
fn values_are_told_apart_and_kept_as_they_stand() {
    let value = |text: &'static str| Scanner::new(text.as_bytes(), ()).unwrap().value().unwrap();
    let Value::String(text) = value(r#"  "a\nb" "#) else { panic!("it is a string") };
    assert_eq!(text.get(), r"a\nb");
    assert_eq!(value("-1.5e3,"), Value::Number("-1.5e3"));
    assert_eq!((value("true"), value("null"), value("{}")), (Value::Bool(true), Value::Null, Value::Object));
    assert_eq!(decode(r"a\nb\ud83d\ude00"), "a\nb\u{1f600}");
}
