//! Finds what each file of a tree imports from the others, by reading the tokens of all of them, and what is wrong with that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A house: modules of a crate's root by their floors, from the ground up.
pub type Floors<'a> = &'a [(&'a str, &'a [&'a str])];

/// The crate's root, where a path ends that names no file.
const ROOT: &str = "crate";

/// Modules by their paths, each with those that it imports.
pub type Imports = BTreeMap<Vec<String>, BTreeSet<Vec<String>>>;

/// What is wrong with `imports` in a house of these `floors`.
pub fn complaints(imports: &Imports, floors: Floors<'_>) -> Vec<String> {
    let floor = |module: &[String]| floors.iter().position(|(_, names)| names.contains(&module[0].as_str()));
    let mut wrong = Vec::new();
    for (module, imported) in imports {
        let name = module.join("::");
        let Some(own) = floor(module) else {
            wrong.push(format!("{name} stands on no floor"));
            continue;
        };
        let above = imported.iter().filter(|other| floor(other).is_none_or(|other| other > own));
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

/// The imports among all files below `folder`.
pub fn imports_below(folder: &Path) -> Imports {
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
    // Roots stand on top of everything, and tests may look at their subject from above.
    files.retain(|module, _| {
        let name = module.last().expect("a file has a name");
        let is_root = module.len() == 1 && ["lib", "main"].contains(&name.as_str());
        !is_root && name != "tests" && !name.ends_with("_tests")
    });
    imports_of(&files)
}

fn module(folder: &Path, file: &Path) -> Vec<String> {
    let below: PathBuf = file.strip_prefix(folder).expect("a file of the folder").with_extension("");
    let names = below.iter().map(|name| name.to_str().expect("ASCII").to_owned());
    names.filter(|name| name != "mod").collect()
}

pub fn segments(path: &str) -> Vec<String> {
    path.split("::").map(str::to_owned).collect()
}

pub fn imports_of(files: &BTreeMap<Vec<String>, String>) -> Imports {
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
    let mut beginnings = (1..=path.len()).rev().map(|length| path[..length].to_vec());
    beginnings.find(|module| files.contains_key(module)).or_else(|| Some(vec![ROOT.to_owned()]))
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
        if let [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Group(inner), ..] = &tokens[at..]
            && word == "mod"
        {
            // A module within the file, whose `super` is the file.
            collect(inner.stream(), &[module, &[name.to_string()]].concat(), files, paths);
            at += 3;
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

/// What is compiled for tests or for documents alone may look at its subject from above.
fn is_test_attribute(tokens: &[TokenTree]) -> bool {
    let attribute = |token: &TokenTree| {
        let text = token.to_string().replace(' ', "");
        ["[cfg(test)]", "[cfg(all(test,", "[cfg(doc)]"].iter().any(|start| text.starts_with(start))
    };
    matches!(tokens, [hash, group, ..] if is_punct(hash, '#') && attribute(group))
}
