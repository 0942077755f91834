//! The emulator's floors: a module may import from its own floor and from those below it, and no files import each other in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the ground up. Every module of the crate's root stands on one floor.
const FLOORS: [(&str, &[&str]); 8] = [
    ("facts", &["clock", "keys", "problem", "redact"]),
    ("what requests carry", &["body", "credentials", "query"]),
    ("what is known", &["claims", "demo", "faults", "journal", "signing", "usage", "users", "visitors"]),
    ("all of it together", &["state"]),
    ("judgements over it", &["caller", "key_report", "tokens"]),
    ("what is answered", &["front", "portal", "routes"]),
    ("connections", &["server"]),
    ("one emulator", &["emulator", "options"]),
];

#[test]
fn imports_only_run_downwards() {
    let imports = imports_below(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &["lib", "main"]);
    assert_eq!(complaints(&imports, &FLOORS), [""; 0]);
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
    // What is no import: text, and a file's own tests.
    assert_eq!(
        seen(&[
            ("a", "/// crate::c\nconst T: &str = \"crate::c\"; #[cfg(test)] mod tests { use crate::c; }"),
            ("c", "")
        ]),
        [""; 0]
    );
}

/// Modules by their paths, each with those that it imports.
type Imports = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// What is wrong with `imports` in a house of these `floors`.
fn complaints(imports: &Imports, floors: &[(&str, &[&str])]) -> Vec<String> {
    let floor = |module: &[String]| floors.iter().position(|(_, names)| names.contains(&module[0].as_str()));
    let mut wrong = Vec::new();
    for (module, imported) in imports {
        let name = module.join("::");
        let Some(own) = floor(module) else {
            wrong.push(format!("{name} stands on no floor"));
            continue;
        };
        let above = imported.iter().filter(|other| floor(other).is_some_and(|other| other > own));
        wrong
            .extend(above.map(|other| format!("{name} imports {}, which stands above it", other.join("::"))));
    }
    if let Some(circle) = circle(imports) {
        wrong.push(format!("{} import each other", circle.join(", ")));
    }
    wrong
}

/// What is left when modules without imports, and modules that nobody imports, are taken away again and again.
fn circle(imports: &Imports) -> Option<Vec<String>> {
    let mut left = imports.clone();
    loop {
        let imported: BTreeSet<_> = left.values().flatten().cloned().collect();
        let free = left.iter().find(|(module, to)| to.is_empty() || !imported.contains(*module));
        let Some(free) = free.map(|(module, _)| module.clone()) else {
            return (!left.is_empty()).then(|| left.keys().map(|module| module.join("::")).collect());
        };
        left.remove(&free);
        left.values_mut().for_each(|to| _ = to.remove(&free));
    }
}

/// The imports among all files below `folder` but the crate's `roots`.
fn imports_below(folder: &Path, roots: &[&str]) -> Imports {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.insert(module(folder, &path), fs::read_to_string(&path).expect("text"));
            }
        }
    }
    for root in roots {
        files.remove(&segments(root)).expect("a root of the crate");
    }
    imports_of(&files)
}

fn module(folder: &Path, file: &Path) -> Vec<String> {
    let below: PathBuf = file.strip_prefix(folder).expect("a file of the folder").with_extension("");
    let names = below.iter().map(|name| name.to_str().expect("ASCII").to_owned());
    names.filter(|name| name != "mod").collect()
}

fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

fn imports_of(files: &BTreeMap<Vec<String>, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, text) in files {
        let tokens: TokenStream =
            text.parse().unwrap_or_else(|error| panic!("{}: {error}", module.join("::")));
        let mut paths = Vec::new();
        collect(tokens, module, files, &mut paths);
        let to = paths.iter().filter_map(|path| longest(path, files)).filter(|other| other != module);
        imports.insert(module.clone(), to.collect());
    }
    imports
}

/// The file that a path leads to: the longest beginning of it that is one.
fn longest(path: &[String], files: &BTreeMap<Vec<String>, String>) -> Option<Vec<String>> {
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| files.contains_key(module))
}

/// Adds every path in `tokens` that begins with `crate`, `super`, `self` or a module inside this one, from the crate's root.
fn collect(
    tokens: TokenStream,
    module: &[String],
    files: &BTreeMap<Vec<String>, String>,
    paths: &mut Vec<Vec<String>>,
) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_test_attribute(&tokens[at..]) {
            let item = tokens[at + 2..].iter().position(|token| is_brace(token) || is_punct(token, ';'));
            at += 3 + item.unwrap_or(tokens.len());
            continue;
        }
        let begins_a_path = is_separator(&tokens[at + 1..]) && !(at > 1 && is_separator(&tokens[at - 2..]));
        if let (TokenTree::Ident(name), true) = (&tokens[at], begins_a_path) {
            let start = match name.to_string().as_str() {
                "crate" => Some(vec![]),
                "self" => Some(module.to_vec()),
                "super" => Some(module[..module.len() - 1].to_vec()),
                name => {
                    let inner = [module, &[name.to_owned()]].concat();
                    files.contains_key(&inner).then_some(inner)
                }
            };
            if let Some(start) = start {
                follow(&tokens[at + 1..], start, paths);
            }
        }
        if let TokenTree::Group(group) = &tokens[at] {
            collect(group.stream(), module, files, paths);
        }
        at += 1;
    }
}

/// Follows `::name`, `::super` and `::{..}` from `path` on, and adds what it leads to.
fn follow(tokens: &[TokenTree], mut path: Vec<String>, paths: &mut Vec<Vec<String>>) {
    if is_separator(tokens) {
        match tokens.get(2) {
            Some(TokenTree::Ident(name)) if name == "super" => {
                path.pop();
                return follow(&tokens[3..], path, paths);
            }
            Some(TokenTree::Ident(name)) => {
                path.push(name.to_string());
                return follow(&tokens[3..], path, paths);
            }
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                for part in inner.split(|token| is_punct(token, ',')) {
                    if let Some(TokenTree::Ident(name)) = part.first() {
                        let path = [&path[..], &[name.to_string()]].concat();
                        follow(&part[1..], path, paths);
                    }
                }
                return;
            }
            _ => {}
        }
    }
    paths.push(path);
}

fn is_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [one, two, ..] if is_punct(one, ':') && is_punct(two, ':'))
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

fn is_brace(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
}

fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let attribute = |token: &TokenTree| token.to_string().replace(' ', "") == "[cfg(test)]";
    matches!(tokens, [hash, group, ..] if is_punct(hash, '#') && attribute(group))
}
