//! The C package: header, both libraries, and what pkg-config and CMake need to find them, in a folder that can be moved.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::facts::{ensure_there, version};
use crate::archive;
use crate::faces;
use crate::layout;
use crate::notices;
use crate::platform::Platform;
use crate::workspace::{Profile, Workspace};

const TEMPLATES: &str = "bindings/c/package";

/// The folder, packed.
pub fn archive(workspace: &Workspace, dist: &Path) -> Result<PathBuf> {
    let name = format!("agglestone-c-{}-{}", version(), workspace.platform().triple);
    let folder = workspace.made("package").join(name);
    let _ = fs::remove_dir_all(&folder);
    lay_out(workspace, &folder)?;
    layout::archive(workspace, &folder, dist)
}

/// Puts the built library and everything around it below `prefix`.
pub fn lay_out(workspace: &Workspace, prefix: &Path) -> Result<()> {
    let platform = workspace.platform();
    let names = Names::of(platform, &faces::c::abi(workspace)?);
    let lib = prefix.join("lib");
    let built = |name: &str| workspace.built_as(Profile::Release, name);
    layout::copy(&workspace.source("include/agglestone.h"), &prefix.join("include/agglestone.h"))?;
    ensure_there(&built(&names.built))?;
    layout::copy(&built(&names.built), &names.shared(prefix))?;
    archive::exporting_only_ours(workspace, &built(&names.archive), &lib.join(&names.archive))?;
    for link in &names.links {
        layout::link(&names.file, &lib.join(link))?;
    }
    if let Some(import) = &names.import {
        layout::copy(&built(&format!("{}.lib", names.built)), &lib.join(import))?;
    }

    for (template, place) in [
        ("agglestone.pc", "pkgconfig"),
        ("agglestone-static.pc", "pkgconfig"),
        ("agglestone-config.cmake", "cmake/agglestone"),
        ("agglestone-config-version.cmake", "cmake/agglestone"),
    ] {
        let text = fs::read_to_string(workspace.source(&format!("{TEMPLATES}/{template}.in")))?;
        layout::write(&lib.join(place).join(template), &names.fill(&text))?;
    }
    let documents = prefix.join("share/doc/agglestone");
    layout::copy(&workspace.source(&format!("{TEMPLATES}/README.md")), &documents.join("README.md"))?;
    for name in ["LICENSE-APACHE", "LICENSE-MIT", notices::NAME] {
        layout::copy(&workspace.source(name), &documents.join(name))?;
    }
    Ok(())
}

/// What the files are called on a platform.
struct Names {
    /// By cargo.
    built: String,
    /// The shared library that holds the code,
    file: String,
    /// and its other names: the one that programs ask for, and the one that linkers look for.
    links: Vec<String>,
    /// The static library.
    archive: String,
    /// Windows: what a linker takes in the place of the shared one.
    import: Option<String>,
    /// What the static library needs from the system.
    system: &'static str,
    abi: String,
}

impl Names {
    fn of(platform: &Platform, abi: &str) -> Self {
        let version = version();
        let (file, links, system) = match platform.system() {
            "windows" => {
                ("agglestone.dll".into(), Vec::new(), "-lws2_32 -luserenv -lntdll -lcrypt32 -lbcrypt")
            }
            "darwin" => (
                format!("libagglestone.{version}.dylib"),
                vec![format!("libagglestone.{abi}.dylib"), "libagglestone.dylib".into()],
                "-framework Security -framework SystemConfiguration -framework CoreFoundation -liconv -lm",
            ),
            _ => (
                format!("libagglestone.so.{version}"),
                vec![format!("libagglestone.so.{abi}"), "libagglestone.so".into()],
                "-lpthread -ldl -lm",
            ),
        };
        let windows = platform.system() == "windows";
        Self {
            built: platform.shared_library("agglestone"),
            file,
            links,
            archive: if windows { "agglestone.lib".into() } else { "libagglestone.a".into() },
            import: windows.then(|| "agglestone.dll.lib".into()),
            system,
            abi: abi.into(),
        }
    }

    /// Where the shared library lies: Windows looks for it where programs are.
    fn shared(&self, prefix: &Path) -> PathBuf {
        prefix.join(if self.import.is_some() { "bin" } else { "lib" }).join(&self.file)
    }

    fn fill(&self, template: &str) -> String {
        let (file, abi) = (&self.file, &self.abi);
        let root = "${_agglestone_prefix}";
        let shared = match &self.import {
            Some(import) => {
                format!(
                    "IMPORTED_LOCATION \"{root}/bin/{file}\"\n    IMPORTED_IMPLIB \"{root}/lib/{import}\""
                )
            }
            None if file.ends_with("dylib") => format!(
                "IMPORTED_LOCATION \"{root}/lib/{file}\"\n    IMPORTED_SONAME \"@rpath/libagglestone.{abi}.dylib\""
            ),
            None => format!(
                "IMPORTED_LOCATION \"{root}/lib/{file}\"\n    IMPORTED_SONAME \"libagglestone.so.{abi}\""
            ),
        };
        let cmake = self.system.replace("-framework ", "-framework@").replace(' ', ";").replace('@', " ");
        let mut parts = version().split('.');
        let (major, minor) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        template
            .replace("@SHARED_PROPERTIES@", &shared)
            .replace("@STATIC_FILE@", &self.archive)
            .replace("@CMAKE_LIBRARIES@", &cmake)
            .replace("@SYSTEM_LIBRARIES@", self.system)
            .replace("@VERSION@", version())
            .replace("@MAJOR@", major)
            .replace("@MINOR@", minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(triple: &str) -> Names {
        Names::of(Platform::by_triple(triple).expect("it is listed"), "7")
    }

    #[test]
    fn the_library_has_the_names_that_linkers_and_programs_look_for() {
        let linux = names("x86_64-unknown-linux-gnu");
        assert_eq!(linux.file, format!("libagglestone.so.{}", version()));
        assert_eq!(linux.links, ["libagglestone.so.7", "libagglestone.so"]);
        assert_eq!(names("aarch64-apple-darwin").links, ["libagglestone.7.dylib", "libagglestone.dylib"]);
        assert_eq!(names("x86_64-pc-windows-msvc").shared(Path::new("p")), Path::new("p/bin/agglestone.dll"));
    }

    #[test]
    fn no_placeholder_is_left_in_a_template() {
        for triple in ["x86_64-unknown-linux-gnu", "aarch64-apple-darwin", "x86_64-pc-windows-msvc"] {
            for template in crate::workspace::files(Path::new("../bindings/c/package"), &["in"]) {
                let text = fs::read_to_string(&template).expect("it can be read");
                let filled = names(triple).fill(&text);
                assert!(!filled.replace("@rpath", "").contains('@'), "{}: {filled}", template.display());
            }
        }
    }
}
