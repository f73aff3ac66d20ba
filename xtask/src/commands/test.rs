//! `cargo xtask test`: every test, with everything the tests need.

use anyhow::Result;

use super::{
    Command,
    steps::{Steps, cargo},
};

mod needs;

pub const COMMAND: Command = Command {
    name: "test",
    arguments: "",
    help: "Run every test, in a real browser too\n\n\
           Installs what the tests need where it can: on Debian as root, chromium, its driver,\n\
           Python's venv and Node through apt; a Python environment and Claude Code into the target\n\
           directory, Node packages into sdk/typescript. Where it cannot, it says what to install. `cargo test` alone works too, without the browser.",
    run: test,
};

/// The tests, in the order of how fast they tell something. All select the same packages: another
/// selection would enable other features of the dependencies and compile them again.
const SUITES: &[(&str, &str)] = &[
    ("unit tests", "test --workspace --lib --bins"),
    ("examples in the documentation", "test --workspace --doc"),
    ("integration and browser tests", "test --workspace --test it"),
];

fn test(_: &[String]) -> Result<()> {
    needs::browser()?;
    let python = needs::python()?;
    needs::node_packages()?;
    let claude_code = needs::claude_code()?;

    let mut steps = Steps::default();
    steps.run("building the tests", &mut cargo("test --workspace --no-run"))?;
    for (title, arguments) in SUITES {
        let mut suite = cargo(arguments);
        suite
            .env("TACHO_REQUIRE_BROWSER", "1")
            .env("TACHO_TEST_PYTHON", &python)
            .env("TACHO_TEST_NODE", "1")
            .env("TACHO_TEST_CLAUDE_CODE", &claude_code);
        steps.run(title, &mut suite)?;
    }
    steps.print();
    Ok(())
}
