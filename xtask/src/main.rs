//! The developer commands: `cargo xtask`.

mod commands;

use std::{env, process::ExitCode};

use commands::COMMANDS;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (name, rest) = match arguments.split_first() {
        None => ("--help", &[][..]),
        Some((name, rest)) => (name.as_str(), rest),
    };
    if matches!(name, "-h" | "--help" | "help") {
        print!("{}", help());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("there is no command `{name}`\n\n{}", help());
        return ExitCode::FAILURE;
    };
    if rest.first().is_some_and(|first| matches!(first.as_str(), "-h" | "--help")) {
        println!("cargo xtask {} {}\n\n{}", command.name, command.arguments, command.help);
        return ExitCode::SUCCESS;
    }
    if command.arguments.is_empty() && !rest.is_empty() {
        eprintln!("`cargo xtask {name}` takes no arguments");
        return ExitCode::FAILURE;
    }

    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\ncargo xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn help() -> String {
    let mut help = String::from("Usage: cargo xtask <command>\n\n");
    for command in COMMANDS {
        let summary = command.help.lines().next().unwrap_or_default();
        help += &format!("  {:<8}{summary}\n", command.name);
    }
    help + "\n`cargo xtask <command> --help` says more.\n"
}
