//! The faces under test and the languages they belong to.

use clap::ValueEnum;

/// One way to use the client from one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Face {
    /// Rust, blocking
    RustBlocking,
    /// Rust, async
    RustAsync,
    /// C
    C,
    /// Python, sync
    PythonSync,
    /// Python, asyncio
    PythonAsync,
    /// Node
    Node,
    /// C#
    Csharp,
}

/// The language of a face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Rust
    Rust,
    /// C
    C,
    /// Python
    Python,
    /// Node
    Node,
    /// C#
    Csharp,
}

impl Face {
    /// As cases and the command line name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::RustBlocking => "rust-blocking",
            Self::RustAsync => "rust-async",
            Self::C => "c",
            Self::PythonSync => "python-sync",
            Self::PythonAsync => "python-async",
            Self::Node => "node",
            Self::Csharp => "csharp",
        }
    }

    /// Its language.
    pub fn language(self) -> Language {
        match self {
            Self::RustBlocking | Self::RustAsync => Language::Rust,
            Self::C => Language::C,
            Self::PythonSync | Self::PythonAsync => Language::Python,
            Self::Node => Language::Node,
            Self::Csharp => Language::Csharp,
        }
    }

    /// Whether `name` in a case's `only` or `except` means this face: its own name, or its language's (`python`).
    pub fn is(self, name: &str) -> bool {
        self.name() == name || self.name().strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
    }
}

#[cfg(test)]
mod tests {
    use super::Face;

    #[test]
    fn a_language_means_all_its_faces() {
        assert!(Face::PythonAsync.is("python") && Face::PythonAsync.is("python-async"));
        assert!(!Face::PythonAsync.is("python-sync") && !Face::Csharp.is("c"));
    }
}
