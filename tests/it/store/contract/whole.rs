//! That the contract is whole: every method of every trait that makes a store is called by the file of its trait.

use std::collections::BTreeMap;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Every Rust file of a folder and those below, one after the other.
fn text_below(folder: &Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            text += &text_below(&path);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}

/// The methods of each trait that `Store` is joined of.
fn methods() -> BTreeMap<String, Vec<String>> {
    let joined = std::fs::read_to_string(root().join("server/src/store/mod.rs")).unwrap();
    let joined = joined.split_once("pub trait Store: ").expect("the trait").1;
    let traits = joined.split_once(" {}").expect("no methods of its own").0.split(" + ");
    let sources =
        text_below(&root().join("server/src/store")) + text_below(&root().join("server/src/alert")).as_str();
    let methods = traits.map(|name| {
        let (_, body) = sources.split_once(&format!("pub trait {name}: Send + Sync {{")).expect(name);
        let body = body.split_once("\n}").expect(name).0;
        let named = body.split("async fn ").skip(1).filter_map(|rest| rest.split(['(', '<']).next());
        (name.to_owned(), named.map(str::to_owned).collect())
    });
    methods.collect()
}

#[test]
fn every_method_of_a_store_is_called_by_the_contract_of_its_trait() {
    let contract = root().join("tests/it/store/contract");
    let (mut called, mut missing) = (0, Vec::new());
    for (name, methods) in methods() {
        assert!(!methods.is_empty(), "{name} has no methods");
        let file = name.to_lowercase();
        let text = std::fs::read_to_string(contract.join(&file).with_extension("rs")).unwrap_or_default();
        let text: String = (text + text_below(&contract.join(&file)).as_str()).split_whitespace().collect();
        for method in methods {
            if text.contains(&format!("store.{method}(")) {
                called += 1;
            } else {
                missing.push(format!("{name}::{method}"));
            }
        }
    }
    println!("{called} methods are called");
    assert_eq!(missing, Vec::<String>::new(), "{called} others are called");
}

#[test]
fn every_case_is_in_the_list_of_its_file() {
    // One that is not would be dead code, which a warning says and no test.
    let contract = text_below(&root().join("tests/it/store/contract"));
    for case in contract.split("\nasync fn ").skip(1) {
        let Some((name, _)) = case.split_once("(store: &dyn Store) {") else { continue };
        if !name.contains('(') {
            assert!(contract.contains(&format!("    {name},\n")), "{name} runs over no store");
        }
    }
}
