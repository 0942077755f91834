//! Names the shared library as its users' programs look for it: the version of the ABI, not of the file, and no folder.

/// `AGG_ABI_VERSION`, which grows when a program compiled against an older header would misbehave.
const ABI: u32 = 1;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=AGG_ABI={ABI}");
    let name = match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux") => format!("-Wl,-soname,libagglestone.so.{ABI}"),
        Ok("macos") => format!("-Wl,-install_name,@rpath/libagglestone.{ABI}.dylib"),
        _ => return,
    };
    println!("cargo::rustc-cdylib-link-arg={name}");
}
