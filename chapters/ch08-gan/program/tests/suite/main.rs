//! The program as its users meet it.

mod command_line;
mod common;
mod own_folder;
mod resume;
