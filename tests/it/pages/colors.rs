//! The colours of models in the table: those that the plot gives them.

use super::Reader;
use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

/// Models, those that are called most first.
const MODELS: [&str; 7] = ["model-a", "model-b", "model-c", "model-d", "model-e", "model-f", "model-g"];

/// The models' colours in the table.
fn colors(page: &Reply) -> [&str; MODELS.len()] {
    MODELS.map(|model| {
        let row = page.text.split(&format!("<tr data-key=\"{model}\"")).nth(1).expect("a row");
        row.split("class=\"m").nth(1).and_then(|class| class.split('"').next()).expect("a colour")
    })
}

#[tokio::test]
async fn the_table_has_the_colours_of_the_plot_whatever_it_is_in_order_of() {
    let tacho = Tacho::at_noon().await;
    for (place, model) in MODELS.into_iter().enumerate() {
        // What is called least uses most.
        let call = |number: usize| {
            given::with(given::event(&format!("{model} {number}"), 10 << (2 * place), 1), "model", model)
        };
        tacho.reporter.report(&(0..MODELS.len() - place).map(call).collect()).await;
    }
    let reader = Reader::of(&tacho).await;
    let (by_calls, by_tokens) = (reader.open("/").await, reader.open("/?sort=total_tokens").await);
    let mut told_apart = colors(&by_calls)[..5].to_vec();
    told_apart.sort_unstable();
    assert_eq!(told_apart, ["0", "1", "2", "3", "4"]);
    assert_eq!(colors(&by_calls)[5..], ["9", "9"], "{}", by_calls.text);
    assert_eq!(colors(&by_tokens), colors(&by_calls));
}
