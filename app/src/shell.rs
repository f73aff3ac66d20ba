//! The document around every page, and the routes.

use leptos::prelude::*;
use leptos_meta::{MetaTags, Title, provide_meta_context};
use leptos_router::components::{A, FlatRoutes, Route, Router};
use leptos_router::{SsrMode, path};

use crate::live::{self, LiveBadge};
use crate::pages::channels::ChannelsPage;
use crate::pages::limits::LimitsPage;
use crate::pages::overview::OverviewPage;
use crate::parts::ICON;

/// What the server knows about the built files.
#[derive(Debug, Clone, Default)]
pub struct ShellAssets {
    /// Path of the stylesheet.
    pub css: Option<String>,
    /// Whether there is a browser bundle; without it pages still read well.
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
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href=ICON/>
                {assets.css.map(|path| view! { <link rel="stylesheet" href=path/> })}
                {assets.scripts.then(|| view! { <HydrationScripts options=options.clone()/> })}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The interface. Routes are rendered whole before they are sent, so that they read well without JavaScript.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    live::provide();
    view! {
        <Title formatter=|text: String| format!("{text} · Tacho")/>
        <Router>
            <a class="skip" href="#main" rel="external">"Skip to the content"</a>
            <header class="bar">
                <span class="brand" aria-hidden="true">"Tacho"</span>
                <nav aria-label="Pages">
                    <A href="/" exact=true>"Overview"</A>
                    <A href="/limits">"Limits"</A>
                    <A href="/channels">"Channels"</A>
                    <a href="/access" rel="external">"Access"</a>
                </nav>
                <LiveBadge/>
                <form method="post" action="/sign-out"><button type="submit" class="quiet">"Sign out"</button></form>
            </header>
            <main id="main" tabindex="-1">
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=OverviewPage ssr=SsrMode::Async/>
                    <Route path=path!("/limits") view=LimitsPage ssr=SsrMode::Async/>
                    <Route path=path!("/channels") view=ChannelsPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </main>
        </Router>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found"/>
        <h1>"There is nothing here"</h1>
        <p>"The address may be mistyped. " <a href="/">"Go to the overview"</a>"."</p>
    }
}
