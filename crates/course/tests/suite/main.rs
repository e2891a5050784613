//! What the command promises, and what has to be true of all claims, figures and evidence together.

mod command_line;
mod evidence;
mod figures;
mod registry;
