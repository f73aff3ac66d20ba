//! `tacho check-config`

use std::process::ExitCode;

use clap::Args;
use vocabulary::wording;

use super::{Failure, Settings};
use crate::config::Config;
use crate::proxy::Origins;

/// Says what is wrong with the settings without starting anything.
#[derive(Debug, Args)]
pub struct CheckConfig {
    /// Print every setting with its default and documentation
    #[arg(long)]
    print_defaults: bool,
}

impl CheckConfig {
    pub fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        if self.print_defaults {
            print!("{}", Config::defaults_text());
            return Ok(ExitCode::SUCCESS);
        }
        let loaded = settings.load()?;
        crate::config::limits::of_file(&loaded.config)?;
        crate::assembly::upstream(&loaded.config).map_err(crate::assembly::StartError::from)?;
        Origins::new(&loaded.config.proxy.allow_origins).map_err(crate::assembly::StartError::from)?;
        match &loaded.file {
            Some(file) => println!("{} is fine", super::shown(file)),
            None => println!("no settings file; the defaults are fine"),
        }
        for warning in &loaded.warnings {
            println!("warning: {}", wording::passage(warning));
        }
        Ok(ExitCode::SUCCESS)
    }
}
