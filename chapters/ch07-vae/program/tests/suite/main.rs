//! The program as its users meet it.

mod bad_files;
mod bad_input;
mod common;
mod objectives;
mod output;
mod own_folder;
mod resume;
mod subcommands;
