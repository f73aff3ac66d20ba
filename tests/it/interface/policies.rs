//! What policies did, on the overview.

use upstream::Terms;

use crate::harness::browser::{Look, browse};
use crate::harness::proxied::Proxied;

#[tokio::test]
async fn what_policies_did_is_shown_as_it_happens() {
    let file = "[[policies]]\npolicy = \"queue\"\nmax_wait_s = 29\n\n[[policies]]\npolicy = \"retry\"\n\n\
                [[policies]]\npolicy = \"cooldown\"\nproject = \"slow\"\nspacing_ms = 60_000\n";
    let proxied = Proxied::policed(Terms { requests_per_minute: 60, ..Terms::default() }, file).await;
    let caller = &proxied.caller;
    let calls = (0..61).map(|_| caller.send(caller.messages("words=3", false)));
    futures::future::join_all(calls).await;
    let slow = async || {
        let (mut head, body) = caller.messages("words=2", false).into_parts();
        head.headers.insert("x-tacho-project", "slow".parse().unwrap());
        head.headers.insert("x-tacho-user", "u_1".parse().unwrap());
        caller.send(http::Request::from_parts(head, body)).await.status.as_u16()
    };
    browse(Look::default(), async |page| {
        page.open(&proxied.tacho.sign_in_link().await).await;
        page.alive().await;
        page.text_with(".policies", "waited: half at most").await;
        caller.send(caller.messages("rate_limited; retry-after=0; attempts=1", false)).await;
        page.text_with(".policies", "1 sent again").await;
        assert_eq!((slow().await, slow().await), (200, 429));
        page.text_with(".policies", "1 refused").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
    for (dark, width) in [(false, 1_280), (true, 1_280), (false, 390), (true, 390)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&proxied.tacho.sign_in_link().await).await;
            page.text_with(".policies", "1 refused").await;
            page.script("document.querySelector('.policies').scrollIntoView({ block: 'center' })").await;
            let theme = if dark { "dark" } else { "light" };
            page.screenshot(&format!("policies-{theme}-{width}")).await;
            page.assert_fits(&format!("at {width} the page")).await;
        })
        .await;
    }
}
