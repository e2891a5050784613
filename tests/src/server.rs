//! A folder over HTTP, on this machine only.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};

/// Serves `folder` until the program ends, and returns the address, with a slash at its end.
pub(crate) fn serve(folder: &Path) -> Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port to serve from")?;
    let address = format!("http://{}/", listener.local_addr()?);
    let folder: Arc<Path> = folder.into();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let folder = Arc::clone(&folder);
            // A reader who hangs up in the middle is no fault of ours.
            std::thread::spawn(move || answer(connection, &folder).ok());
        }
    });
    Ok(address)
}

/// Answers one request and hangs up.
fn answer(mut connection: TcpStream, folder: &Path) -> std::io::Result<()> {
    let mut head = BufReader::new(connection.try_clone()?.take(64 << 10));
    let mut request = String::new();
    head.read_line(&mut request)?;
    let mut line = String::new();
    while head.read_line(&mut line)? > 2 {
        line.clear();
    }
    let address = request.split(' ').nth(1).unwrap_or_default();
    let found =
        file(folder, address).and_then(|file| Some((kind(&file), std::fs::read(file).ok()?)));
    let (status, kind, body) = match found {
        Some((kind, body)) => ("200 OK", kind, body),
        None => ("404 Not Found", "text/plain", b"There is no such file.".to_vec()),
    };
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n"
    )?;
    connection.write_all(&body)
}

/// The file that an address names, which is `index.html` for a folder; none outside of `folder`.
pub(crate) fn file(folder: &Path, address: &str) -> Option<PathBuf> {
    let path = address.split(['?', '#']).next()?.trim_start_matches('/');
    let path = PathBuf::from(percent_decoded(path)?);
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let file = folder.join(path);
    let file = if file.is_dir() { file.join("index.html") } else { file };
    file.is_file().then_some(file)
}

/// `%C3%A9` as `é`.
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        decoded.push(if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(decoded).ok()
}

/// The media type by a file's ending.
fn kind(file: &Path) -> &'static str {
    match file.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_of_the_folder_is_served() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let inside = folder.path().join("inside");
        std::fs::create_dir(&inside).expect("a folder");
        std::fs::write(folder.path().join("secret.txt"), "1").expect("a file");
        std::fs::write(inside.join("page é.html"), "2").expect("a file");
        assert!(file(&inside, "/page%20%C3%A9.html?a=b#c").is_some());
        for address in ["/../secret.txt", "/%2e%2e/secret.txt", "//etc/passwd/..", "/none", "/%zz"]
        {
            assert_eq!(file(&inside, address), None, "{address}");
        }
    }
}
