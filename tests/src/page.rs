//! One page in one tab.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use base64ct::{Base64, Encoding};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::faults::Fault;
use crate::probes;

/// How long a page may take to load: see `browser.rs`.
const PATIENCE: Duration = Duration::from_secs(300);

/// How a reader looks at a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// Whether the reader's system asks for dark pages.
    pub dark: bool,
    /// The width of the window, in pixels.
    pub width: u32,
}

impl View {
    /// By day and by night, on a phone and on a desk.
    pub const ALL: [Self; 4] = [
        Self { dark: false, width: 1440 },
        Self { dark: true, width: 1440 },
        Self { dark: false, width: 390 },
        Self { dark: true, width: 390 },
    ];

    /// Whether the window is a phone's, with fingers for a pointer.
    pub fn is_phone(self) -> bool {
        self.width < 600
    }

    fn height(self) -> u32 {
        if self.is_phone() { 844 } else { 900 }
    }
}

impl std::fmt::Display for View {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}-{}", if self.dark { "dark" } else { "light" }, self.width)
    }
}

/// A page that has loaded and come to rest, everything on it unfolded.
pub struct Page<'b> {
    browser: &'b mut Browser,
    target: String,
    session: String,
    addresses: HashMap<String, String>,
    troubles: Vec<(Fault, String)>,
}

impl<'b> Page<'b> {
    /// Opens a page in a tab of its own and waits until it is complete.
    ///
    /// # Errors
    /// If the browser fails, or the page does not come to rest within five minutes.
    pub fn open(browser: &'b mut Browser, address: &str, view: View) -> Result<Self> {
        let target = browser.call("", "Target.createTarget", json!({ "url": "about:blank" }))?;
        let target = text(&target["targetId"])?;
        let attach = json!({ "targetId": target, "flatten": true });
        let session = browser.call("", "Target.attachToTarget", attach)?;
        let session = text(&session["sessionId"])?;
        let (addresses, troubles) = Default::default();
        let mut page = Self { browser, target, session, addresses, troubles };
        page.prepare(view)?;
        page.call("Page.navigate", json!({ "url": address }))?;
        page.wait_for("Page.loadEventFired").with_context(|| format!("{address} as {view}"))?;
        let _: Value = page.probe(probes::SETTLE)?;
        Ok(page)
    }

    fn prepare(&mut self, view: View) -> Result<()> {
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}))?;
        }
        let scheme = if view.dark { "dark" } else { "light" };
        let features = json!([
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features }))?;
        self.resize(view, view.height())?;
        let touch = json!({ "enabled": view.is_phone(), "maxTouchPoints": 1 });
        self.call("Emulation.setTouchEmulationEnabled", touch)?;
        // mdBook's print page opens a dialog, which nobody is there to answer.
        let source = json!({ "source": "window.print = () => {};" });
        self.call("Page.addScriptToEvaluateOnNewDocument", source)?;
        Ok(())
    }

    fn resize(&mut self, view: View, height: u32) -> Result<()> {
        let metrics = json!({
            "width": view.width, "height": height,
            "deviceScaleFactor": 1, "mobile": view.is_phone(),
        });
        self.call("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }

    /// What went wrong so far that pages do not show: errors, and requests that failed.
    pub(crate) fn troubles(&mut self) -> Result<&[(Fault, String)]> {
        while let Some(event) = self.browser.event(Instant::now())? {
            self.note(&event);
        }
        Ok(&self.troubles)
    }

    /// Runs a probe, a JavaScript expression that may use `probes/common.js`.
    pub(crate) fn probe<T: DeserializeOwned>(&mut self, probe: &str) -> Result<T> {
        let expression = format!("(() => {{\n{}\nreturn (\n{probe}\n);\n}})()", probes::COMMON);
        let answer = self.call(
            "Runtime.evaluate",
            json!({ "expression": expression, "awaitPromise": true, "returnByValue": true }),
        )?;
        if let Some(details) = answer.get("exceptionDetails") {
            bail!("a probe threw: {}", thrown(details));
        }
        let value = answer["result"]["value"].clone();
        serde_json::from_value(value).context("a probe returned something else than expected")
    }

    /// Presses and releases a key without a character, as `ArrowLeft`.
    pub(crate) fn key(&mut self, key: &str) -> Result<()> {
        let code = match key {
            "End" => 35,
            "Home" => 36,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            " " => 32,
            _ => bail!("there is no code for the key {key}"),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": kind, "key": key, "windowsVirtualKeyCode": code });
            event["code"] = if key == " " { "Space".into() } else { key.into() };
            if key == " " && kind == "keyDown" {
                event["text"] = key.into();
            }
            self.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Presses and releases the mouse or a finger at a point of the window.
    pub(crate) fn press(&mut self, x: f64, y: f64, finger: bool) -> Result<()> {
        if finger {
            let points = json!([{ "x": x, "y": y }]);
            let start = json!({ "type": "touchStart", "touchPoints": points });
            self.call("Input.dispatchTouchEvent", start)?;
            let end = json!({ "type": "touchEnd", "touchPoints": [] });
            self.call("Input.dispatchTouchEvent", end)?;
        } else {
            for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
                let button = if kind == "mouseMoved" { "none" } else { "left" };
                let event = json!({
                    "type": kind, "x": x, "y": y, "button": button, "clickCount": 1,
                });
                self.call("Input.dispatchMouseEvent", event)?;
            }
        }
        Ok(())
    }

    /// Pictures of the page as it is met, with everything folded, from top to bottom, as PNG.
    ///
    /// # Errors
    /// If the browser fails.
    pub fn pictures(&mut self, view: View, height: u32) -> Result<Vec<Vec<u8>>> {
        let _: Value =
            self.probe("document.querySelectorAll('details').forEach((d) => d.open = false)")?;
        self.resize(view, height)?;
        let whole: f64 = self.probe("document.documentElement.scrollHeight")?;
        let mut pictures = Vec::new();
        let mut top = 0;
        while f64::from(top) < whole {
            let _: Value =
                self.probe(&format!("scrollTo({{ top: {top}, behavior: 'instant' }})"))?;
            let picture = self.call("Page.captureScreenshot", json!({ "format": "png" }))?;
            pictures.push(decoded(&picture["data"])?);
            top += height;
        }
        Ok(pictures)
    }

    /// The page as it is printed on A4.
    ///
    /// # Errors
    /// If the browser fails.
    pub fn pdf(&mut self) -> Result<Vec<u8>> {
        let paper = json!({ "paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true });
        let pdf = self.call("Page.printToPDF", paper)?;
        decoded(&pdf["data"])
    }

    fn call(&mut self, method: &str, params: Value) -> Result<Value> {
        self.browser.call(&self.session, method, params)
    }

    fn wait_for(&mut self, method: &str) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while let Some(event) = self.browser.event(deadline)? {
            self.note(&event);
            if event["sessionId"] == self.session && event["method"] == method {
                return Ok(());
            }
        }
        bail!("no {method} within {PATIENCE:?}")
    }

    /// Remembers an event if it is bad news of this page.
    fn note(&mut self, event: &Value) {
        if event["sessionId"] != self.session {
            return;
        }
        let params = &event["params"];
        let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let request = string(&params["requestId"]);
        let trouble = match event["method"].as_str().unwrap_or_default() {
            "Network.requestWillBeSent" => {
                self.addresses.insert(request, string(&params["request"]["url"]));
                return;
            }
            "Network.loadingFailed" if params["canceled"] != true => {
                let address = self.addresses.get(&request).map_or("?", String::as_str);
                (Fault::Request, format!("{address}: {}", string(&params["errorText"])))
            }
            "Network.responseReceived" if params["response"]["status"].as_u64() >= Some(400) => {
                let response = &params["response"];
                (Fault::Request, format!("{}: {}", string(&response["url"]), response["status"]))
            }
            "Runtime.exceptionThrown" => (Fault::Console, thrown(&params["exceptionDetails"])),
            "Runtime.consoleAPICalled"
                if params["type"] == "error" || params["type"] == "assert" =>
            {
                (
                    Fault::Console,
                    params["args"].as_array().map_or_else(String::new, |words| joined(words)),
                )
            }
            // What the network has to say is said above.
            "Log.entryAdded"
                if params["entry"]["level"] == "error"
                    && params["entry"]["source"] != "network" =>
            {
                (Fault::Console, string(&params["entry"]["text"]))
            }
            _ => return,
        };
        self.troubles.push(trouble);
    }
}

impl Drop for Page<'_> {
    fn drop(&mut self) {
        // A tab that cannot be closed ends with the browser.
        let target = json!({ "targetId": self.target });
        let _ = self.browser.call("", "Target.closeTarget", target);
    }
}

fn text(value: &Value) -> Result<String> {
    Ok(value.as_str().context("chromium's answer lacks what the protocol promises")?.to_owned())
}

fn decoded(value: &Value) -> Result<Vec<u8>> {
    Base64::decode_vec(&text(value)?)
        .map_err(|error| anyhow!("chromium's answer is not in base 64: {error}"))
}

/// The message of an exception and the place it was thrown at.
fn thrown(details: &Value) -> String {
    let message = details["exception"]["description"].as_str();
    let message = message.or(details["text"].as_str()).unwrap_or_default();
    format!("{message} ({}:{})", details["url"].as_str().unwrap_or("?"), details["lineNumber"])
}

/// The arguments of a call of `console.error`.
fn joined(arguments: &[Value]) -> String {
    let word = |argument: &Value| match (&argument["value"], &argument["description"]) {
        (Value::String(text), _) | (Value::Null, Value::String(text)) => text.clone(),
        (value, _) => value.to_string(),
    };
    arguments.iter().map(word).collect::<Vec<_>>().join(" ")
}
