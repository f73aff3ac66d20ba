//! A real browser: headless Chromium, driven through chromedriver.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::process::Stdio;
use std::time::Duration;

use futures::FutureExt;
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{PATIENCE, until, within};

/// A browser window.
pub struct Page {
    pub driver: WebDriver,
}

/// How the window is.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub width: u32,
    pub dark: bool,
    pub scripts: bool,
}

impl Default for Look {
    fn default() -> Self {
        Look { width: 1_280, dark: false, scripts: true }
    }
}

/// Runs a test in a browser, and closes it whatever happens. Without a browser on the machine the test is
/// skipped, loudly; `cargo xtask test` requires one.
pub async fn browse(look: Look, test: impl AsyncFnOnce(&Page)) {
    let Some((mut driver_process, port)) = start_driver().await else {
        assert!(
            std::env::var_os("TACHO_REQUIRE_BROWSER").is_none(),
            "chromedriver does not start; install chromium and chromium-driver"
        );
        super::skip("no browser here; install chromium and chromium-driver, or run `cargo xtask test`");
        return;
    };
    let driver = open(port, look).await;
    let page = Page { driver: driver.clone() };
    if look.dark {
        let features =
            serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        page.devtools("Emulation.setEmulatedMedia", features).await;
    }
    if !look.scripts {
        page.devtools("Emulation.setScriptExecutionDisabled", serde_json::json!({ "value": true })).await;
    }
    let size =
        serde_json::json!({ "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
    page.devtools("Emulation.setDeviceMetricsOverride", size).await;
    let ended = AssertUnwindSafe(test(&page)).catch_unwind().await;
    let _ = driver.quit().await;
    let _ = driver_process.kill().await;
    if let Err(panic) = ended {
        resume_unwind(panic);
    }
}

async fn start_driver() -> Option<(Child, u16)> {
    let mut child = Command::new("chromedriver")
        .arg("--port=0")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut lines = BufReader::new(child.stdout.take()?).lines();
    while let Some(line) = within("chromedriver", lines.next_line()).await.ok()? {
        let port = line.trim_end_matches('.').split("successfully on port ").nth(1);
        if let Some(port) = port.and_then(|port| port.parse().ok()) {
            return Some((child, port));
        }
    }
    None
}

async fn open(port: u16, look: Look) -> WebDriver {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut wishes = DesiredCapabilities::chrome();
    for argument in [
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--disable-background-networking".to_owned(),
        "--disable-component-update".to_owned(),
        "--no-first-run".to_owned(),
        format!("--window-size={},900", look.width.max(500)),
    ] {
        wishes.add_arg(&argument).expect("an argument");
    }
    wishes.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a log level");
    WebDriver::new(format!("http://127.0.0.1:{port}"), wishes).await.expect("a browser window")
}

impl Page {
    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.expect("a page");
    }

    /// The first element with this selector, once it is there.
    pub async fn element(&self, css: &str) -> WebElement {
        let query = self.driver.query(By::Css(css)).wait(PATIENCE, Duration::from_millis(50));
        query.first().await.unwrap_or_else(|error| panic!("`{css}`: {error}"))
    }

    pub async fn count(&self, css: &str) -> usize {
        self.driver.find_all(By::Css(css)).await.expect("elements").len()
    }

    /// The text of the first element with this selector, once it contains `part`.
    pub async fn text_with(&self, css: &str, part: &str) -> String {
        let what = format!("`{css}` with the text {part:?}");
        until(&what, async || {
            let text = self.driver.find(By::Css(css)).await.ok()?.text().await.ok()?;
            text.contains(part).then_some(text)
        })
        .await
    }

    pub async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("`{css}`: {error}"));
    }

    /// Fills in a field of a form.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.element(css).await;
        field.clear().await.expect("an empty field");
        field.send_keys(text).await.expect("a filled field");
    }

    /// What a script returns.
    pub async fn script(&self, script: &str) -> serde_json::Value {
        self.driver.execute(script, Vec::new()).await.expect("a result").json().clone()
    }

    /// Waits until the page is alive: its scripts run, and it is connected to the live stream.
    pub async fn alive(&self) {
        self.element("html[data-alive]").await;
        self.element("#freshness[data-state=live]").await;
    }

    /// Waits until the page has been asked for again, and drawn.
    pub async fn beat(&self) {
        let at = async || self.script("return document.querySelector('main').dataset.at").await;
        let before = at().await;
        until("a beat of the page", async || (at().await != before).then_some(())).await;
    }

    /// What somebody has typed into a field, or could send.
    pub async fn typed(&self, css: &str) -> String {
        self.element(css).await.prop("value").await.expect("a field").unwrap_or_default()
    }

    /// Asserts that nothing is wider than the window.
    pub async fn assert_fits(&self, what: &str) {
        let overflow = self.script("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(overflow.as_i64().expect("pixels") <= 0, "{what} is {overflow} px too wide");
    }

    /// What went wrong in the page: errors and warnings on its console.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.expect("the console");
        entries.into_iter().filter(|entry| entry.level != "INFO").map(|entry| entry.message).collect()
    }

    pub async fn screenshot(&self, name: &str) {
        let Some(folder) = std::env::var_os("TACHO_TEST_SCREENSHOTS") else { return };
        let path = std::path::Path::new(&folder).join(format!("{name}.png"));
        self.driver.screenshot(&path).await.expect("a screenshot");
    }

    pub async fn devtools(&self, command: &str, parameters: serde_json::Value) {
        let tools = self.driver.cdp();
        tools.send_raw(command, parameters).await.unwrap_or_else(|error| panic!("{command}: {error}"));
    }
}
