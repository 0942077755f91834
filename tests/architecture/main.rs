//! The houses: which floor each part of a crate stands on, and that nothing reaches up.

mod imports;

use std::path::Path;

use imports::{Floors, complaints, imports_below, imports_of, segments};

/// The core. Each floor uses those above it in this list; no files import each other in a circle.
const CORE: Floors<'_> = &[
    (
        "facts",
        &[
            "bell",
            "error",
            "files",
            "http",
            "json",
            "live",
            "marks",
            "observation",
            "outline",
            "path",
            "process",
            "redact",
            "secret",
            "spans",
            "spelling",
            "sync",
            "time",
            "trace_context",
            "turns",
            "wrapper",
        ],
    ),
    ("what can be asked and answered", &["events", "models", "operation", "problem", "reply"]),
    ("what is known", &["config", "keys", "tokens", "verify"]),
    ("the state machine", &["call", "pages"]),
    ("how requests travel", &["transport"]),
    ("a client's state", &["completion", "session"]),
    ("who runs calls", &["drivers"]),
    ("what callers see", &["async_client", "binding", "client"]),
];

const EMULATOR: Floors<'_> = &[
    ("facts", &["clock", "keys", "problem", "redact", "sync", "unread"]),
    ("what requests carry", &["address", "body", "credentials", "query"]),
    (
        "what is known",
        &[
            "claims",
            "demo",
            "faults",
            "journal",
            "signing",
            "snapshot",
            "tls",
            "usage",
            "user_rules",
            "users",
            "visitors",
        ],
    ),
    ("all of it together", &["setup", "state"]),
    ("judgements over it", &["caller", "keeping", "key_report", "tokens"]),
    ("what is answered", &["front", "portal", "routes", "swagger"]),
    ("connections", &["server"]),
    ("one emulator", &["emulator", "options", "start_error"]),
    ("the program", &["program"]),
];

const XTASK: Floors<'_> = &[
    ("facts", &["count", "face", "platform", "report", "stamp", "workspace"]),
    ("programs that it runs", &["dependencies", "layout", "notices", "process", "release", "tools", "venv"]),
    ("what tests stand on", &["archive", "dotnet", "emulator", "said", "tally"]),
    ("before anything runs", &["conformance", "prerequisites"]),
    ("the languages", &["faces"]),
    ("what is shown and shipped", &["demo", "docs", "fuzz", "package", "rotate", "soak"]),
    ("commands", &["bench", "generate", "test"]),
];

const COMMAND: Floors<'_> = &[
    ("what it is given and how it tells", &["output", "settings"]),
    ("subcommands", &["emulator", "keys", "token", "users", "verify"]),
    ("what stands on them", &["doctor", "rotate"]),
];

/// One floor: these are thin, and only circles matter.
const C: Floors<'_> = &[(
    "the C ABI",
    &[
        "account",
        "boundary",
        "bytes",
        "call",
        "callbacks",
        "client",
        "config",
        "dispatcher",
        "error",
        "event",
        "for_bindings",
        "lent",
        "observation",
        "operation",
        "queue",
        "reply",
        "report",
        "reports",
        "status",
        "version",
        "view",
    ],
)];
const NODE: Floors<'_> = &[(
    "the addon",
    &[
        "account",
        "at_hand",
        "bridge",
        "channel",
        "error",
        "event",
        "key_source",
        "outcome",
        "question",
        "session",
        "settings",
    ],
)];
const PYTHON: Floors<'_> = &[(
    "the native module",
    &[
        "arguments",
        "bell",
        "claims",
        "errors",
        "events",
        "interpreter",
        "json",
        "key_source",
        "observation",
        "operation",
        "process",
        "queue",
        "reply",
        "session",
        "settings",
        "token",
        "usage",
    ],
)];

#[test]
fn imports_only_run_downwards() {
    let houses = [
        ("src", CORE),
        ("cli/src", COMMAND),
        ("emulator/src", EMULATOR),
        ("xtask/src", XTASK),
        ("bindings/c/src", C),
        ("bindings/node/src", NODE),
        ("bindings/python/src", PYTHON),
    ];
    for (folder, floors) in houses {
        let imports = imports_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        assert_eq!(complaints(&imports, floors), [""; 0], "{folder}");
    }
}

#[test]
fn an_import_upwards_a_circle_and_a_module_without_a_floor_are_seen() {
    let floors: [(&str, &[&str]); 2] = [("ground", &["a", "b"]), ("above", &["c"])];
    let seen = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(module, text)| (segments(module), (*text).to_owned())).collect();
        complaints(&imports_of(&files), &floors)
    };
    assert_eq!(seen(&[("a", ""), ("b", "use crate::a::X;"), ("c", "fn f() { crate::b::g() }")]), [""; 0]);
    assert_eq!(
        seen(&[("a", "use crate::{b, c::X};"), ("b", ""), ("c", "")]),
        ["a imports c, which stands above it"]
    );
    assert_eq!(
        seen(&[("a", "mod x;"), ("a::x", "use super::super::c;"), ("c", "")]),
        ["a::x imports c, which stands above it"]
    );
    assert_eq!(
        seen(&[("a", "use crate::b;"), ("b", "vec![crate::a::ONE]"), ("c", "")]),
        ["a, b import each other"]
    );
    let above_a_circle = [("a", "use crate::b;"), ("b", "use crate::a;"), ("c", "use crate::a;")];
    assert_eq!(seen(&above_a_circle), ["a, b import each other"]);
    assert_eq!(seen(&[("c", "mod x; use x::Y;"), ("c::x", "use super::Z;")]), ["c, c::x import each other"]);
    assert_eq!(seen(&[("d", "")]), ["d stands on no floor"]);
    assert_eq!(seen(&[("a", "use crate::FromTheRoot;")]), ["a imports crate, which stands above it"]);
    // What is no import: text, and a file's own tests.
    assert_eq!(
        seen(&[
            ("a", "/// crate::c\nconst T: &str = \"crate::c\"; #[cfg(test)] mod tests { use crate::c; }"),
            ("c", "")
        ]),
        [""; 0]
    );
}
