//! The program: its commands, output formats, settings, messages and exit codes.
//!
//! Each test runs the compiled program.

mod changing;
mod checkpoint_files;
mod checkpoints;
mod completions;
mod confirmation;
mod creating;
mod doctor;
mod environment;
mod exit_codes;
mod exporting;
mod history;
mod json_schema;
mod listing;
mod program;
mod settings;
mod several_clips;
mod signals_and_output;
mod standard_input;
