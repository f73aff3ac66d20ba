//! What a person's hands do with a page, counted: clicks, and keys.

use std::cell::Cell;

use thirtyfour::{Key, TypingData};

use crate::harness::browser::Page;
use crate::harness::until;

/// Somebody before a page.
pub struct Hand<'a> {
    page: &'a Page,
    clicks: Cell<usize>,
    keys: Cell<usize>,
}

impl<'a> Hand<'a> {
    pub fn at(page: &'a Page) -> Self {
        Hand { page, clicks: Cell::new(0), keys: Cell::new(0) }
    }

    pub async fn click(&self, css: &str) {
        self.clicks.set(self.clicks.get() + 1);
        self.page.click(css).await;
    }

    /// Presses one key after another; each counts.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let keys = keys.into();
        self.keys.set(self.keys.get() + keys.as_vec().len());
        self.type_in(keys).await;
    }

    /// Types what only the person knows: it is part of no way.
    pub async fn type_in(&self, text: impl Into<TypingData>) {
        self.page.driver.action_chain().send_keys(text).perform().await.expect("keys");
    }

    /// Goes on with Tab until something has the focus.
    pub async fn tab_to(&self, css: &str) {
        let is_there = format!("return document.activeElement.matches({css:?})");
        for _ in 0..60 {
            self.press(Key::Tab + "").await;
            if self.page.script(&is_there).await == true {
                return;
            }
        }
        panic!("Tab does not lead to `{css}`");
    }

    /// Finds what can be done by words of it, and does it.
    pub async fn find(&self, words: &str) {
        let chain =
            self.page.driver.action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control);
        chain.perform().await.expect("keys");
        self.keys.set(self.keys.get() + 1);
        self.page.element("#palette[open]").await;
        self.press(words).await;
        self.press(Key::Enter + "").await;
        let page = self.page;
        until("no dialog", async || (page.count("dialog[open]").await == 0).then_some(())).await;
    }

    /// Says how many of them it took, and asserts that it was no more.
    pub fn took(&self, what: &str, clicks: usize, keys: usize) {
        let (clicked, pressed) = (self.clicks.get(), self.keys.get());
        assert!(clicked <= clicks && pressed <= keys, "{what}: {clicked} clicks and {pressed} keys");
    }
}
