//! The document around every page, and the routes.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;

/// What the server knows about the built files.
#[derive(Debug, Clone, Default)]
pub struct ShellAssets {
    /// Path of the stylesheet.
    pub css: Option<String>,
    /// Whether there is a browser bundle.
    pub scripts: bool,
}

/// The HTML document.
pub fn shell(options: LeptosOptions, assets: ShellAssets) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                {assets.css.map(|path| view! { <link rel="stylesheet" href=path/> })}
                {assets.scripts.then(|| view! { <HydrationScripts options=options.clone()/> })}
                <MetaTags/>
            </head>
            <body><App/></body>
        </html>
    }
}

/// The interface.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Tacho"/>
        <Router>
            <Routes fallback=|| "Not found">
                <Route path=path!("/") view=|| view! { <h1>"Tacho"</h1> }/>
            </Routes>
        </Router>
    }
}
