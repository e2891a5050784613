//! Writes into the programs where libtorch lies, so that they start without LD_LIBRARY_PATH.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // From torch-sys's build script, so with the feature only. The variable is read by the loader: whoever moves
    // libtorch or the program sets LD_LIBRARY_PATH, which a RUNPATH yields to.
    if let Ok(folder) = std::env::var("DEP_TCH_LIBTORCH_LIB") {
        // One argument after the other: `-Wl,-rpath,…` would be cut at a comma in the folder's name.
        for argument in ["-Xlinker", "-rpath", "-Xlinker", &folder] {
            println!("cargo::rustc-link-arg={argument}");
        }
    }
}
