//! One word per idea: no two public types of what is shipped have one name.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::Workspace;
use super::root;

/// Names that two types may share, and why nobody takes one for the other.
const SHARED: &[(&str, &str)] = &[];

/// The crates that are shipped.
const SHIPPED: [&str; 6] = ["vocabulary/", "domain/", "app/", "browser/", "server/", "tacho/"];

#[test]
fn no_two_public_types_have_one_name() {
    let workspace = Workspace::read(&root());
    let mut defined: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for module in &workspace.modules {
        if !SHIPPED.iter().any(|shipped| module.file.starts_with(shipped)) {
            continue;
        }
        for item in &module.said.items {
            let is_type = matches!(item.keyword.as_str(), "struct" | "enum" | "union" | "trait" | "type");
            if is_type && item.public {
                defined.entry(&item.name).or_default().push(format!("{}:{}", module.file, item.line));
            }
        }
    }
    defined.retain(|_, places| places.len() > 1);
    let shared: BTreeSet<_> = SHARED.iter().map(|(name, _)| *name).collect();
    let found: BTreeSet<_> = defined.keys().copied().collect();
    let told = |(name, places): (&&str, &Vec<String>)| format!("  {name}: {}", places.join(", "));
    let wrong: Vec<_> = defined.iter().filter(|(name, _)| !shared.contains(*name)).map(told).collect();
    assert!(
        wrong.is_empty(),
        "One word for two ideas. Call each by what tells it from the other; where it is one idea, define it once:\n{}",
        wrong.join("\n")
    );
    assert!(shared.is_subset(&found), "SHARED names what is not shared any more: {shared:?}");
}
