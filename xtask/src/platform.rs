//! The platforms that there are packages for, and what cargo, npm and .NET call each.

/// One of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Platform {
    /// By cargo.
    pub triple: &'static str,
    /// By npm packages with an addon in them: system, processor, and what libraries they share.
    pub npm: &'static str,
    /// By NuGet; none where the package has no library for it.
    pub nuget: Option<&'static str>,
    /// By zig, with the oldest glibc that programs may meet; none where the system's own linker has no such trouble.
    pub zig: Option<&'static str>,
}

/// All of them. The release workflow builds each.
pub const PLATFORMS: [Platform; 7] = [
    Platform {
        triple: "x86_64-unknown-linux-gnu",
        npm: "linux-x64-gnu",
        nuget: Some("linux-x64"),
        zig: Some("x86_64-linux-gnu.2.17"),
    },
    Platform {
        triple: "aarch64-unknown-linux-gnu",
        npm: "linux-arm64-gnu",
        nuget: Some("linux-arm64"),
        zig: Some("aarch64-linux-gnu.2.17"),
    },
    Platform {
        triple: "x86_64-unknown-linux-musl",
        npm: "linux-x64-musl",
        nuget: Some("linux-musl-x64"),
        zig: Some("x86_64-linux-musl"),
    },
    Platform {
        triple: "aarch64-unknown-linux-musl",
        npm: "linux-arm64-musl",
        nuget: None,
        zig: Some("aarch64-linux-musl"),
    },
    Platform { triple: "x86_64-apple-darwin", npm: "darwin-x64", nuget: Some("osx-x64"), zig: None },
    Platform { triple: "aarch64-apple-darwin", npm: "darwin-arm64", nuget: Some("osx-arm64"), zig: None },
    Platform { triple: "x86_64-pc-windows-msvc", npm: "win32-x64-msvc", nuget: Some("win-x64"), zig: None },
];

impl Platform {
    /// The one with this name.
    pub fn by_triple(triple: &str) -> Option<&'static Self> {
        PLATFORMS.iter().find(|platform| platform.triple == triple)
    }

    /// This machine's; `None` on one that there are no packages for.
    pub fn here() -> Option<&'static Self> {
        let system = match std::env::consts::OS {
            "linux" if cfg!(target_env = "musl") => "unknown-linux-musl",
            "linux" => "unknown-linux-gnu",
            "macos" => "apple-darwin",
            _ => "pc-windows-msvc",
        };
        Self::by_triple(&format!("{}-{system}", std::env::consts::ARCH))
    }

    /// Whether programs of this platform run on this machine.
    pub fn is_here(&'static self) -> bool {
        Self::here() == Some(self)
    }

    /// npm's `os`, `cpu` and, on Linux, `libc`.
    pub fn npm_parts(&self) -> (&'static str, &'static str, Option<&'static str>) {
        let mut parts = self.npm.split('-');
        let (system, processor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let library = match parts.next() {
            Some("gnu") => Some("glibc"),
            Some("musl") => Some("musl"),
            _ => None,
        };
        (system, processor, library)
    }

    /// The file name of a shared library here.
    pub fn shared_library(&self, name: &str) -> String {
        match self.system() {
            "windows" => format!("{name}.dll"),
            "darwin" => format!("lib{name}.dylib"),
            _ => format!("lib{name}.so"),
        }
    }

    /// The file name of a program here.
    pub fn program(&self, name: &str) -> String {
        if self.system() == "windows" { format!("{name}.exe") } else { name.to_string() }
    }

    /// `linux`, `darwin` or `windows`.
    pub fn system(&self) -> &'static str {
        self.triple.split('-').nth(2).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_table() {
        let parts = |triple: &str| Platform::by_triple(triple).expect("it is listed").npm_parts();
        assert_eq!(parts("x86_64-unknown-linux-gnu"), ("linux", "x64", Some("glibc")));
        assert_eq!(parts("aarch64-unknown-linux-musl"), ("linux", "arm64", Some("musl")));
        assert_eq!(parts("x86_64-pc-windows-msvc"), ("win32", "x64", None));
        let library = |triple: &str| Platform::by_triple(triple).expect("it is listed").shared_library("a");
        assert_eq!(library("aarch64-apple-darwin"), "liba.dylib");
        assert_eq!(library("x86_64-pc-windows-msvc"), "a.dll");
        assert_eq!(library("x86_64-unknown-linux-musl"), "liba.so");
    }
}
