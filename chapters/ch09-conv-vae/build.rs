//! Writes into the programs where libtorch lies, so that they start without LD_LIBRARY_PATH.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // From torch-sys's build script, so with the feature only. The variable is read by the loader: whoever moves
    // libtorch or the program sets LD_LIBRARY_PATH, which a RUNPATH yields to.
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
    }
}
