//! The teacher's commands, which the package `teaching` carries out. The students' copy of the course has neither.

use std::process::ExitCode;

use anyhow::Result;
use cargo_course::hand_on;
use clap::Subcommand;

use crate::Rest;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Grades submissions: points, diagnoses and logs.
    #[command(disable_help_flag = true)]
    Grade(Rest),
    /// Writes the students' copy of the course.
    #[command(disable_help_flag = true)]
    Export(Rest),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Grade(Rest { arguments }) => hand_on("teaching", "grade", arguments),
        Command::Export(Rest { arguments }) => hand_on("teaching", "export", arguments),
    }
}
