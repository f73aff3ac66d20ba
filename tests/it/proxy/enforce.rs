//! Limits that are enforced: what they refuse, what counts against them, and under which names.

use serde_json::json;
use upstream::Terms;

use super::policies::{as_user, refused};
use crate::harness::proxied::Proxied;
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn what_was_refused_is_not_counted_after_a_restart_either() {
    let proxied = Proxied::at_noon(Terms::default()).await;
    let caller = &proxied.caller;
    let limit = json!({ "name": "A minute", "kind": "requests_per_minute", "amount": 2, "enforce": true });
    let id = proxied.tacho.limit_of(&limit).await;
    for count in 1..=2 {
        assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
        proxied.events(count).await;
    }
    for _ in 0..5 {
        refused(&caller.send(as_user(caller, "a")).await, "enforce");
    }
    proxied.events(7).await;
    let used = async |tacho: &Tacho| tacho.standing("requests_per_minute").await["used"].clone();
    assert_eq!(used(&proxied.tacho).await, 2.0);
    let changed = proxied.tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "amount": 3 })).await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(used(&proxied.tacho).await, 2.0, "after a change");
    let tacho = proxied.tacho.restart(|_| ()).await;
    assert_eq!(used(&tacho).await, 2.0, "after a restart");
}
