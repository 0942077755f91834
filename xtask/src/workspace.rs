//! Where things are: the source tree and the folder for everything made from it.

use std::path::{Path, PathBuf};

use crate::platform::{PLATFORMS, Platform};

/// How cargo builds. What is built as a release lies apart, so that the tests' things stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Quickly.
    Dev,
    /// As it is shipped.
    Release,
}

impl Profile {
    /// As cargo and maturin call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// The two roots that all other paths hang from, and what releases are built for.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
    platform: &'static Platform,
}

impl Workspace {
    /// The tree that this tool was built in.
    pub fn locate() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("xtask/ lies in the workspace's root")
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder).expect("a target folder has a path"),
            None => root.join("target"),
        };
        // Where there are no packages for this machine, cargo says so when it is told to build some.
        Self { root, target, platform: Platform::here().unwrap_or(&PLATFORMS[0]) }
    }

    /// The same tree, with releases for another platform.
    pub fn for_platform(self, platform: &'static Platform) -> Self {
        Self { platform, ..self }
    }

    /// What releases are built for.
    pub fn platform(&self) -> &'static Platform {
        self.platform
    }

    /// The root of the source tree, also the working folder of every child.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the source tree.
    pub fn source(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// A path below `target/`.
    pub fn made(&self, path: &str) -> PathBuf {
        self.target.join(path)
    }

    /// A program or library that cargo built with the dev profile, as everything here but the benchmarks uses it.
    pub fn built(&self, name: &str) -> PathBuf {
        self.built_as(Profile::Dev, name)
    }

    /// The same with any profile.
    pub fn built_as(&self, profile: Profile, name: &str) -> PathBuf {
        match profile {
            Profile::Dev => self.target.join("debug").join(name),
            Profile::Release => self.target.join(self.platform.triple).join("release").join(name),
        }
    }

    /// Where the output of the step `name` is kept.
    pub fn log(&self, name: &str) -> PathBuf {
        self.target.join("xtask/logs").join(format!("{name}.log"))
    }

    /// `path` as it reads from the root, for messages.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

/// Files in `folder` with one of `extensions`, sorted by name; none when the folder is missing.
pub fn files(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let extension = path.extension().and_then(|text| text.to_str());
            path.is_file() && extension.is_some_and(|text| extensions.contains(&text))
        })
        .collect();
    found.sort();
    found
}

/// The same, with all folders below.
pub fn files_below(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = files(folder, extensions);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let generated = ["bin", "obj", "node_modules", "target"];
        if entry.path().is_dir() && !generated.iter().any(|skip| name == *skip) {
            found.extend(files_below(&entry.path(), extensions));
        }
    }
    found.sort();
    found
}
