//! The languages.

/// A language the client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// Rust
    Rust,
    /// C and C++
    C,
    /// Python
    Python,
    /// Node
    Node,
    /// C#
    Csharp,
}

impl Face {
    /// In the order of the demo's table.
    pub const ALL: [Self; 5] = [Self::C, Self::Csharp, Self::Node, Self::Python, Self::Rust];

    /// As people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rust => "Rust",
            Self::C => "C",
            Self::Python => "Python",
            Self::Node => "Node",
            Self::Csharp => "C#",
        }
    }
}
