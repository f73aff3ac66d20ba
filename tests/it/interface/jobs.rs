//! What people come for every day, and how few clicks or keys it takes them.

mod figures;
mod limits;

use std::process::Stdio;

use tempfile::tempdir;
use thirtyfour::Key;
use tokio::process::Command;

use super::hand::Hand;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::program::Program;

/// The lines to paste that are on screen.
async fn shown(page: &Page) -> String {
    let lines = "return [...document.querySelectorAll('.way pre')].filter(pre => pre.checkVisibility()).map(pre => pre.textContent).find(lines => lines.includes('/v1/events')) ?? ''";
    page.script(lines).await.as_str().expect("lines").to_owned()
}

#[tokio::test]
async fn the_first_event_is_on_screen_as_soon_as_what_the_setup_shows_has_been_pasted() {
    for by_keys in [false, true] {
        let directory = tempdir().unwrap();
        let mut program = Program::start(directory.path(), &[]).await;
        let link = program.welcome().await.sign_in_link;
        browse(Look::default(), async |page| {
            page.open(&link).await;
            page.alive().await;
            let hand = Hand::at(page);
            if by_keys {
                hand.press(Key::Tab + Key::Enter).await;
                hand.tab_to(".ways :checked").await;
                hand.press(Key::Left + "").await;
                page.element(".tab input[value=curl]:checked").await;
            } else {
                hand.click(".tab input[value=curl]").await;
            }
            hand.took("to see the line", 1, 10);
            let waiting = Hand::at(page);
            let line = shown(page).await;
            let shell = Command::new("sh").args(["-c", &line]).stderr(Stdio::null()).output().await.unwrap();
            assert!(shell.status.success(), "{line}: {shell:?}");
            page.text_with(".sums[data-by=model]", given::MODEL).await;
            waiting.took("to see the event", 0, 0);
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
        program.terminate().await;
    }
}
