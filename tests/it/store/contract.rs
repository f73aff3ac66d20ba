//! What every store keeps to: one file for each trait, with a list of cases that run over every store there is.

/// The cases of a file: each is a test that runs over every store, and fails with the name of the store.
macro_rules! contract {
    ($($case:ident),+ $(,)?) => {
        mod over_every_store {
            $(
                #[tokio::test]
                async fn $case() {
                    crate::store::contract::hold(super::$case).await;
                }
            )+
        }
    };
}

mod access;
mod alerts;
pub mod answers;
mod audit;
mod corrections;
pub mod given;
mod ledger;
mod outbox;
mod registry;
mod whole;

use server::store::Store;

use super::stores;

/// Runs a case over every store, each empty.
pub async fn hold(case: impl AsyncFn(&dyn Store)) {
    let directory = tempfile::tempdir().unwrap();
    for (name, store) in stores(directory.path()).await {
        println!("over {name}");
        case(&*store).await;
    }
}
