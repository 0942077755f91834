//! Linker flags that each platform needs for a Node addon.

fn main() {
    napi_build::setup();
}
