//! What every store keeps of keys, sessions, sign-in links and secrets.

use domain::usage::Dimensions;
use server::secrets::{KeyScope, Session, StoredKey};
use server::store::Store;

use crate::harness::tacho::NOON_MS;

contract! {
    keys_come_back_as_they_were_made_the_oldest_first,
    a_key_is_revoked_once,
    a_secret_is_made_once,
    a_greeting_is_remembered,
    sign_in_links_work_once_and_in_time,
    sessions_come_back_as_they_were_opened_the_last_used_first,
    what_has_ended_is_deleted_and_nothing_else,
}

fn key(public: &str, created_at_ms: i64) -> StoredKey {
    let labels = [("env".to_owned(), "prod".to_owned())].into();
    StoredKey {
        public: public.to_owned(),
        hash: [7; 32],
        scope: KeyScope::Ingest,
        name: "ops".to_owned(),
        defaults: Dimensions {
            project: "a".to_owned(),
            session: "s_1".to_owned(),
            labels,
            ..Dimensions::default()
        },
        bound: Dimensions { user: "u_1".to_owned(), ..Dimensions::default() },
        created_at_ms,
        revoked_at_ms: None,
    }
}

async fn keys_come_back_as_they_were_made_the_oldest_first(store: &dyn Store) {
    assert_eq!(store.keys().await.unwrap(), []);
    let made = [
        StoredKey { scope: KeyScope::Admin, hash: [1; 32], ..key("c", NOON_MS - 1) },
        StoredKey { scope: KeyScope::Proxy, defaults: Dimensions::default(), ..key("a", NOON_MS) },
        StoredKey { scope: KeyScope::Read, revoked_at_ms: Some(NOON_MS + 7), ..key("b", NOON_MS) },
        key("0", NOON_MS + 1),
    ];
    for place in [3, 1, 2, 0] {
        store.put_key(&made[place]).await.unwrap();
    }
    assert_eq!(store.keys().await.unwrap(), made);
    for made in &made {
        assert_eq!(store.key(&made.public).await.unwrap().as_ref(), Some(made));
    }
    assert_eq!(store.key("d").await.unwrap(), None);
    store.put_key(&key("a", NOON_MS + 9)).await.expect_err("there is one");
    assert_eq!(store.keys().await.unwrap(), made);
}

async fn a_key_is_revoked_once(store: &dyn Store) {
    store.put_key(&key("a", NOON_MS)).await.unwrap();
    store.put_key(&key("b", NOON_MS)).await.unwrap();
    assert!(!store.revoke_key("c", NOON_MS).await.unwrap());
    assert!(store.revoke_key("a", NOON_MS + 1).await.unwrap());
    assert!(store.revoke_key("a", NOON_MS + 2).await.unwrap());
    assert_eq!(store.key("a").await.unwrap().unwrap().revoked_at_ms, Some(NOON_MS + 1));
    assert_eq!(store.key("b").await.unwrap().unwrap().revoked_at_ms, None);
}

async fn a_secret_is_made_once(store: &dyn Store) {
    assert_eq!(store.secret("a", [1; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("a", [2; 32]).await.unwrap(), [1; 32]);
    assert_eq!(store.secret("b", [2; 32]).await.unwrap(), [2; 32]);
}

async fn a_greeting_is_remembered(store: &dyn Store) {
    assert!(!store.has_greeted().await.unwrap());
    for now_ms in [NOON_MS, NOON_MS, NOON_MS + 1] {
        store.note_greeting(now_ms).await.unwrap();
        assert!(store.has_greeted().await.unwrap());
    }
}

async fn sign_in_links_work_once_and_in_time(store: &dyn Store) {
    store.put_sign_in([1; 32], NOON_MS).await.unwrap();
    store.put_sign_in([2; 32], NOON_MS).await.unwrap();
    store.put_sign_in([2; 32], NOON_MS + 9).await.expect_err("there is one");
    assert!(store.take_sign_in([1; 32], NOON_MS - 1).await.unwrap());
    assert!(!store.take_sign_in([1; 32], NOON_MS - 1).await.unwrap());
    assert!(!store.take_sign_in([2; 32], NOON_MS).await.unwrap());
}

async fn sessions_come_back_as_they_were_opened_the_last_used_first(store: &dyn Store) {
    let opened = |number: u8, last_used_at_ms: i64| {
        let address = (number > 1).then(|| format!("192.0.2.{number}").parse().unwrap());
        (
            [number; 32],
            Session { created_at_ms: NOON_MS, last_used_at_ms, address, agent: format!("Firefox/{number}") },
        )
    };
    let all = [opened(3, NOON_MS + 5), opened(1, NOON_MS + 1), opened(2, NOON_MS + 1)];
    for (hash, session) in all.iter().rev() {
        store.put_session(*hash, session).await.unwrap();
        assert_eq!(store.session(*hash).await.unwrap().as_ref(), Some(session));
    }
    assert_eq!(store.sessions().await.unwrap(), all);
    assert_eq!(store.session([4; 32]).await.unwrap(), None);
    store.put_session([1; 32], &all[0].1).await.expect_err("there is one");

    store.note_session_use([2; 32], NOON_MS + 9).await.unwrap();
    store.note_session_use([4; 32], NOON_MS + 9).await.unwrap();
    let used = opened(2, NOON_MS + 9);
    assert_eq!(store.sessions().await.unwrap(), [used, all[0].clone(), all[1].clone()]);

    assert!(store.delete_session([2; 32]).await.unwrap());
    assert!(!store.delete_session([2; 32]).await.unwrap());
    store.note_session_use([2; 32], NOON_MS + 10).await.unwrap();
    assert_eq!(store.session([2; 32]).await.unwrap(), None, "what has ended stays ended");
    assert_eq!(store.sessions().await.unwrap(), all[..2]);
}

async fn what_has_ended_is_deleted_and_nothing_else(store: &dyn Store) {
    let (opened_before_ms, used_before_ms) = (NOON_MS, NOON_MS + 10);
    let session =
        |created_at_ms, last_used_at_ms| Session { created_at_ms, last_used_at_ms, ..Session::default() };
    store.put_session([1; 32], &session(NOON_MS, NOON_MS + 11)).await.unwrap();
    store.put_session([2; 32], &session(NOON_MS + 1, NOON_MS + 10)).await.unwrap();
    store.put_session([3; 32], &session(NOON_MS + 1, NOON_MS + 11)).await.unwrap();
    store.put_sign_in([1; 32], NOON_MS + 20).await.unwrap();
    store.put_sign_in([2; 32], NOON_MS + 21).await.unwrap();
    store.delete_ended(opened_before_ms, used_before_ms, NOON_MS + 20).await.unwrap();
    let kept: Vec<_> = store.sessions().await.unwrap().into_iter().map(|(hash, _)| hash).collect();
    assert_eq!(kept, [[3; 32]]);
    // Its place is free again: it was deleted, and not only too old.
    store.put_sign_in([1; 32], NOON_MS + 30).await.unwrap();
    assert!(store.take_sign_in([2; 32], NOON_MS + 20).await.unwrap());
}
