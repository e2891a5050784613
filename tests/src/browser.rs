//! Chromium, spoken to in its DevTools protocol.
//!
//! Messages are JSON, each ended by a zero byte, over the file descriptors 3 (commands) and 4
//! (answers and events). <https://chromedevtools.github.io/devtools-protocol/> describes them.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a command may take. The slowest look at the book on one page, 5 MB of HTML, and take
/// seconds on an idle machine and a minute on a crowded one.
const PATIENCE: Duration = Duration::from_secs(300);

/// Nothing is reached but this machine, nothing is remembered, nothing happens in the background.
const FLAGS: [&str; 13] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/// A running Chromium with an empty profile. It ends when this is dropped.
pub struct Browser {
    process: Child,
    commands: ChildStdin,
    messages: Receiver<Value>,
    events: VecDeque<Value>,
    last_id: u64,
    profile: TempDir,
}

/// Where Chromium is, if it is on the `PATH`.
pub fn chromium() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]
        .into_iter()
        .find_map(on_path)
}

/// The file that the shell would run for `name`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

impl Browser {
    /// Starts Chromium.
    ///
    /// # Errors
    /// If it is not installed, or ends at once: its own words are in the error.
    pub fn start() -> Result<Self> {
        let program = chromium().context(
            "chromium is not on the PATH: install Debian's package, or set PATH to where it is",
        )?;
        let profile = tempfile::tempdir().context("no folder for the browser's profile")?;
        // The shell moves the two pipes to the descriptors that Chromium looks at.
        let mut process = Command::new("sh")
            .args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#])
            .arg(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(profile.path().join("stderr.txt"))?)
            .spawn()
            .context("chromium could not be started")?;
        let commands = process.stdin.take().expect("piped");
        let messages = read_messages(process.stdout.take().expect("piped"));
        let events = VecDeque::new();
        let mut browser = Self { process, commands, messages, events, last_id: 0, profile };
        browser.call("", "Browser.getVersion", json!({}))?;
        Ok(browser)
    }

    /// Sends a command, to the browser itself if `session` is empty, and waits for its answer.
    pub(crate) fn call(&mut self, session: &str, method: &str, params: Value) -> Result<Value> {
        self.last_id += 1;
        let id = self.last_id;
        let mut command = json!({ "id": id, "method": method, "params": params });
        if !session.is_empty() {
            command["sessionId"] = session.into();
        }
        let mut bytes = serde_json::to_vec(&command)?;
        bytes.push(0);
        self.commands.write_all(&bytes).map_err(|error| self.gone(method, &error.to_string()))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut message = self.receive(method, deadline)?;
            if message["id"] != id {
                self.events.push_back(message);
            } else if let Some(error) = message.get("error") {
                bail!("{method} failed: {}", error["message"].as_str().unwrap_or_default());
            } else {
                return Ok(message["result"].take());
            }
        }
    }

    /// The next event, if one comes before `deadline`.
    pub(crate) fn event(&mut self, deadline: Instant) -> Result<Option<Value>> {
        if let Some(event) = self.events.pop_front() {
            return Ok(Some(event));
        }
        match self.messages.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.gone("an event", "the pipe is closed")),
        }
    }

    fn receive(&mut self, what: &str, deadline: Instant) -> Result<Value> {
        let left = deadline.saturating_duration_since(Instant::now());
        self.messages.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => anyhow!("{what}: no answer within {PATIENCE:?}"),
            RecvTimeoutError::Disconnected => self.gone(what, "the pipe is closed"),
        })
    }

    /// The error that says that Chromium has ended, with the last it said.
    fn gone(&self, what: &str, why: &str) -> anyhow::Error {
        let said = std::fs::read(self.profile.path().join("stderr.txt")).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let start = said.char_indices().rev().nth(1000).map_or(0, |(start, _)| start);
        anyhow!("{what}: chromium has ended ({why}); it said: {}", &said[start..])
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended already, which is as well.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The messages that arrive, read on a thread of their own so that waiting can end.
fn read_messages(pipe: ChildStdout) -> Receiver<Value> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for message in BufReader::new(pipe).split(0).map_while(Result::ok) {
            let message = serde_json::from_slice(&message).expect("chromium speaks JSON");
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}
