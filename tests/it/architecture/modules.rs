//! The crates as a tree of modules, and which file a path leads to.

use std::collections::BTreeMap;
use std::path::Path;

use super::paths::{Said, said};
use super::tokens::shipped;

/// The crates by name, and where their code begins.
const CRATES: [(&str, &str); 9] = [
    ("vocabulary", "vocabulary/src/lib.rs"),
    ("domain", "domain/src/lib.rs"),
    ("app", "app/src/lib.rs"),
    ("browser", "browser/src/lib.rs"),
    ("server", "server/src/lib.rs"),
    ("tacho", "tacho/src/lib.rs"),
    ("xtask", "xtask/src/lib.rs"),
    ("upstream", "tests/upstream/src/lib.rs"),
    ("bench", "bench/src/main.rs"),
];

/// How many times a name may be handed on from one file to another before we stop following it.
const MOST_STEPS: u8 = 16;

/// A file, and where it stands.
pub struct Module {
    /// Relative to the workspace.
    pub file: String,
    /// The root of its crate first, itself last.
    pub line: Vec<usize>,
    pub children: BTreeMap<String, usize>,
    pub said: Said,
}

pub struct Workspace {
    pub modules: Vec<Module>,
    crates: BTreeMap<&'static str, usize>,
}

/// One file names something of another.
#[derive(Clone)]
pub struct Arrow {
    pub from: usize,
    pub to: usize,
    pub line: usize,
    pub path: String,
}

impl Workspace {
    /// Reads what is shipped of every crate that is there.
    pub fn read(root: &Path) -> Self {
        let mut workspace = Self { modules: Vec::new(), crates: BTreeMap::new() };
        for (name, file) in CRATES.into_iter().filter(|(_, file)| root.join(file).exists()) {
            let id = workspace.add(root, file, &[]);
            workspace.crates.insert(name, id);
        }
        workspace
    }

    fn add(&mut self, root: &Path, file: &str, above: &[usize]) -> usize {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        let said = said(&shipped(&text));
        let names = said.modules.clone();
        let id = self.modules.len();
        let line = [above, &[id]].concat();
        self.modules.push(Module {
            file: file.to_owned(),
            line: line.clone(),
            children: BTreeMap::new(),
            said,
        });
        let (folder, name) = file.rsplit_once('/').unwrap();
        let folder = match name {
            "lib.rs" | "main.rs" | "mod.rs" => folder.to_owned(),
            _ => format!("{folder}/{}", name.trim_end_matches(".rs")),
        };
        for name in names {
            let files = [format!("{folder}/{name}.rs"), format!("{folder}/{name}/mod.rs")];
            let file = files.into_iter().find(|file| root.join(file).exists());
            let file = file.unwrap_or_else(|| panic!("{folder} has no module {name}"));
            let child = self.add(root, &file, &line);
            self.modules[id].children.insert(name, child);
        }
        id
    }

    /// Everything that any file names of another, each but once for a line.
    pub fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = Vec::new();
        for (from, module) in self.modules.iter().enumerate() {
            for (path, line) in &module.said.paths {
                if let Some(to) = self.leads_to(from, path, MOST_STEPS).filter(|to| *to != from) {
                    arrows.push(Arrow { from, to, line: *line, path: path.join("::") });
                }
            }
        }
        arrows.sort_by_key(|arrow| (arrow.from, arrow.line, arrow.to));
        arrows.dedup_by_key(|arrow| (arrow.from, arrow.line, arrow.to));
        arrows
    }

    /// The module whose file defines what the path ends with, as seen from a module; nothing where it leads out of the
    /// workspace.
    fn leads_to(&self, from: usize, path: &[String], steps: u8) -> Option<usize> {
        let steps = steps.checked_sub(1)?;
        let (first, rest) = path.split_first()?;
        let line = &self.modules[from].line;
        match first.as_str() {
            "crate" => self.walk(line[0], rest, steps),
            "self" => self.walk(from, rest, steps),
            "super" => self.walk(line[line.len().checked_sub(2)?], rest, steps),
            name if self.knows(from, name) => self.walk(from, path, steps),
            name => self.crates.get(name).and_then(|root| self.walk(*root, rest, steps)),
        }
    }

    /// Whether a name that a module's path begins with leads to something of the workspace.
    pub fn is_own(&self, module: usize, name: &str) -> bool {
        self.leads_to(module, &[name.to_owned()], MOST_STEPS).is_some()
    }

    fn knows(&self, module: usize, name: &str) -> bool {
        let module = &self.modules[module];
        module.children.contains_key(name)
            || module.said.items.iter().any(|item| item.name == name)
            || module.said.uses.iter().any(|used| used.name.as_deref() == Some(name) && used.path[0] != name)
    }

    /// Follows a path that begins in a module.
    fn walk(&self, module: usize, path: &[String], steps: u8) -> Option<usize> {
        let Some((name, rest)) = path.split_first() else { return Some(module) };
        let here = &self.modules[module];
        if name == "super" {
            return self.leads_to(module, path, steps);
        }
        if let Some(child) = here.children.get(name) {
            return self.walk(*child, rest, steps);
        }
        if here.said.items.iter().any(|item| item.name == *name) {
            return Some(module);
        }
        let handed_on = here.said.uses.iter().find(|used| used.name.as_ref() == Some(name));
        if let Some(used) = handed_on {
            let path: Vec<_> = used.path.iter().chain(rest).cloned().collect();
            return self.leads_to(module, &path, steps.checked_sub(1)?);
        }
        let globs = here.said.uses.iter().filter(|used| used.name.is_none());
        let mut within = globs.filter_map(|used| self.leads_to(module, &used.path, steps.checked_sub(1)?));
        let defines = |module: &usize| self.modules[*module].said.items.iter().any(|item| item.name == *name);
        Some(within.find(defines).unwrap_or(module))
    }
}
