//! Finds what each file of a tree imports from the others, by parsing all of them. Code for tests is left out: a test may
//! look at its subject from above.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, Meta, UseTree};

/// One file's use of another, both by the path of the module that the file holds; the crate's root has an empty one.
pub struct Import {
    pub from: Vec<String>,
    pub to: Vec<String>,
    place: String,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} → {}", self.place, self.from.join("::"), self.to.join("::"))
    }
}

/// All imports between the files below a folder of sources.
pub fn imports(folder: &Path) -> Vec<Import> {
    let mut files = BTreeMap::new();
    collect(folder, &mut Vec::new(), &mut files);
    let mut found = Vec::new();
    for (module, path) in &files {
        let text = fs::read_to_string(path).expect("a source file is text");
        let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut finder = Finder { module, inner: 0, files: &files, path, found: &mut found };
        finder.visit_file(&parsed);
    }
    found
}

/// The files by the path of the module they hold. Those for tests alone are named so.
fn collect(folder: &Path, module: &mut Vec<String>, files: &mut BTreeMap<Vec<String>, PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("it can be listed").path();
        let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
        if path.is_dir() {
            module.push(name);
            collect(&path, module, files);
            module.pop();
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let is_for_tests = name == "tests" || name.ends_with("_tests");
            if !is_for_tests {
                let is_folder = ["mod", "lib", "main"].contains(&name.as_str());
                let held = module.iter().cloned().chain((!is_folder).then_some(name)).collect();
                files.insert(held, path);
            }
        }
    }
}

struct Finder<'a> {
    module: &'a [String],
    /// How many modules written within the file the visitor is in.
    inner: usize,
    files: &'a BTreeMap<Vec<String>, PathBuf>,
    path: &'a Path,
    found: &'a mut Vec<Import>,
}

impl Finder<'_> {
    /// Notes a path that starts with `crate`, `self` or `super`.
    fn note(&mut self, names: &[String], line: usize) {
        let mut at = match names.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            // Within the file itself.
            Some("self") => self.module.to_vec(),
            Some("super") => {
                let up = names.iter().take_while(|name| *name == "super").count();
                let Some(out) = up.checked_sub(self.inner).filter(|out| *out > 0) else { return };
                self.module[..self.module.len().saturating_sub(out)].to_vec()
            }
            _ => return,
        };
        for name in names.iter().skip_while(|name| ["crate", "self", "super"].contains(&name.as_str())) {
            at.push(name.clone());
            if !self.files.contains_key(&at) {
                at.pop();
                break;
            }
        }
        if at != self.module {
            let place = format!("{}:{line}", self.path.display());
            self.found.push(Import { from: self.module.to_vec(), to: at, place });
        }
    }

    fn note_tree(&mut self, tree: &UseTree, before: &mut Vec<String>, line: usize) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.note_tree(&path.tree, before, line);
                before.pop();
            }
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(tree, before, line);
                }
            }
            UseTree::Name(name) => self.note_leaf(name.ident.to_string(), before, line),
            UseTree::Rename(name) => self.note_leaf(name.ident.to_string(), before, line),
            UseTree::Glob(_) => self.note(before, line),
        }
    }

    fn note_leaf(&mut self, name: String, before: &[String], line: usize) {
        let mut names = before.to_vec();
        names.extend((name != "self").then_some(name));
        // `use retry::Retries` beside `mod retry`: a child of this module.
        if names.first().is_some_and(|first| !["crate", "self", "super"].contains(&first.as_str())) {
            names.insert(0, "self".to_owned());
        }
        self.note(&names, line);
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).iter().any(is_left_out) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.inner += 1;
        visit::visit_item_mod(self, module);
        self.inner -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let line = item.use_token.span.start().line;
        self.note_tree(&item.tree, &mut Vec::new(), line);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        if names.len() > 1 {
            self.note(&names, path.segments[0].ident.span().start().line);
        }
        visit::visit_path(self, path);
    }
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

/// `#[cfg(test)]` and `#[cfg(doc)]`.
fn is_left_out(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return false };
    let condition = list.tokens.to_string();
    list.path.is_ident("cfg")
        && (condition.starts_with("test")
            || condition.starts_with("doc")
            || condition.starts_with("all (test"))
}
