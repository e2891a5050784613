//! Answers questions with the solutions of the chapter that the command line names.

fn main() {
    let chapter = std::env::args().nth(1).unwrap_or_default();
    match solutions::functions(&chapter) {
        Some(functions) => functions.serve(),
        None => {
            eprintln!("error: `{chapter}` has no lab: name a chapter, as in `solutions ch06`");
            std::process::exit(2);
        }
    }
}
