//! What the C interface's own says, but for the name of a shared library, which is not made here.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-env=AGG_ABI=1");
}
