//! The floors of this tool: imports only run downwards, and nowhere in a circle.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

/// From the ground up. A module may use those of lower floors only, and its own parts.
const FLOORS: &[&[&str]] = &[
    &["count", "face", "report", "stamp", "workspace"],
    &["process"],
    &["tools"],
    &["dotnet", "emulator", "tally"],
    &["conformance", "prerequisites"],
    &["faces"],
    &["demo", "rotate"],
    &["bench", "generate", "test"],
    &["main"],
];

/// Which file uses which, both as paths of modules: `faces::csharp::sdk`.
type Imports = BTreeMap<String, BTreeSet<String>>;

#[test]
fn imports_run_down_the_floors() {
    let imports = imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    let floor = |module: &str| {
        let room = module.split("::").next().expect("a path has a first part");
        let found = FLOORS.iter().position(|floor| floor.contains(&room));
        found.unwrap_or_else(|| panic!("{room} stands on no floor: give it one in {}", file!()))
    };
    assert!(imports.len() > 20, "the files are not where this test looks");
    let mut upwards = Vec::new();
    for (module, used) in &imports {
        for other in used.iter().filter(|other| room(other) != room(module)) {
            if floor(other) >= floor(module) {
                upwards.push(format!("{module} uses {other}"));
            }
        }
    }
    assert!(upwards.is_empty(), "imports that don't run downwards:\n{}", upwards.join("\n"));
}

#[test]
fn the_parts_of_a_module_are_no_circle() {
    let mut imports = imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    // What uses nothing that is left, or is used by nothing that is left, can't be part of a circle.
    let mut before = usize::MAX;
    while imports.len() < before {
        before = imports.len();
        let users: BTreeSet<String> = imports.keys().cloned().collect();
        imports.values_mut().for_each(|used| used.retain(|other| users.contains(other)));
        let used: BTreeSet<String> = imports.values().flatten().cloned().collect();
        imports.retain(|module, uses| !uses.is_empty() && used.contains(module));
    }
    assert!(imports.is_empty(), "a circle of imports: {imports:#?}");
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

fn imports(sources: &Path) -> Imports {
    let mut files = Vec::new();
    collect(sources, &mut files);
    let modules: BTreeSet<String> = files.iter().map(|file| module(sources, file)).collect();
    let mut imports = Imports::new();
    for file in &files {
        let text = fs::read_to_string(file).expect("a source file is readable");
        let name = module(sources, file);
        let mut found =
            Paths { module: &name, has_parts: file.ends_with("mod.rs"), is_inline: false, paths: Vec::new() };
        found.visit_file(&syn::parse_file(&text).expect("a source file is Rust"));
        let used = found.paths.iter().filter_map(|path| longest(&modules, path));
        imports.insert(name.clone(), used.filter(|other| *other != name).collect());
    }
    imports
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources is readable") {
        let path = entry.expect("an entry is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn module(sources: &Path, file: &Path) -> String {
    let path = file.strip_prefix(sources).expect("it was found there").with_extension("");
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).filter(|part| part != "mod").collect();
    parts.join("::")
}

/// The module that `path` leads into: `faces::c::test` is something in `faces::c`.
fn longest(modules: &BTreeSet<String>, path: &[String]) -> Option<String> {
    (1..=path.len()).rev().map(|length| path[..length].join("::")).find(|name| modules.contains(name))
}

/// Collects the paths of a file that may lead into this crate, as seen from its root.
struct Paths<'a> {
    module: &'a str,
    has_parts: bool,
    is_inline: bool,
    paths: Vec<Vec<String>>,
}

impl Paths<'_> {
    fn add(&mut self, path: &[String]) {
        let own: Vec<String> = self.module.split("::").map(str::to_owned).collect();
        let (start, rest) = match path.first().map(String::as_str) {
            Some("crate") => (Vec::new(), &path[1..]),
            // The file itself.
            Some("super") if self.is_inline => return,
            Some("super") => (own[..own.len() - 1].to_vec(), &path[1..]),
            Some("self") => (own, &path[1..]),
            // A part can be named without `self`, and the crate's root is a module with parts, too.
            _ if self.module == "main" => (Vec::new(), path),
            _ if self.has_parts => (own, path),
            _ => return,
        };
        self.paths.push([start, rest.to_vec()].concat());
    }

    fn add_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.add_tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.add(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.add(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.add(before),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.add_tree(before, tree)),
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_tree(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.add(&parts);
        visit::visit_path(self, path);
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let outside = std::mem::replace(&mut self.is_inline, true);
        visit::visit_item_mod(self, item);
        self.is_inline = outside;
    }
}
