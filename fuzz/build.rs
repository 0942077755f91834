//! The target that speaks C, over the header that C programs include.

fn main() {
    println!("cargo::rerun-if-changed=targets/c_input.c");
    println!("cargo::rerun-if-changed=../include/agglestone.h");
    let mut compiler = cc::Build::new();
    compiler.file("targets/c_input.c").include("../include").std("c11").flag("-Werror");
    compiler.compile("c_input");
}
