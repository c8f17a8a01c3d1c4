//! A browser as small as can be: keeps cookies, sends forms as a page of the host would, follows nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_pki_types::ServerName;

use super::DEADLINE;

/// An answer.
pub(crate) struct Seen {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) bytes: Vec<u8>,
}

impl Seen {
    pub(crate) fn body(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn leads_to(&self) -> &str {
        assert_eq!(self.status, 303, "{}", self.body());
        self.header("location").unwrap()
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) {
        assert!(self.body().contains(text), "「{text}」 is not in {}", self.body());
    }

    /// The value of a hidden field.
    #[track_caller]
    pub(crate) fn hidden(&self, name: &str) -> String {
        let body = self.body();
        let start = format!(r#"name="{name}" value=""#);
        let (_, rest) = body
            .split_once(&start)
            .unwrap_or_else(|| panic!("no field {name}: {body}"));
        rest.split('"').next().unwrap().to_owned()
    }
}

/// What a request carries besides its address.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sent<'a> {
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

pub(crate) struct Browser {
    address: SocketAddr,
    tls: Option<Arc<ClientConfig>>,
    jar: BTreeMap<String, String>,
}

const PAGE: (&str, &str) = ("sec-fetch-mode", "navigate");
const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");

impl Browser {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            jar: BTreeMap::new(),
        }
    }

    /// One that speaks HTTPS, with this client's trust.
    pub(crate) fn secure(address: SocketAddr, tls: Arc<ClientConfig>) -> Self {
        Self {
            tls: Some(tls),
            ..Self::new(address)
        }
    }

    /// Of somebody who has signed in, by the cookie.
    pub(crate) fn signed_in(address: SocketAddr, cookie: &str) -> Self {
        let mut browser = Self::new(address);
        browser.jar.insert("todoke".to_owned(), cookie.to_owned());
        browser
    }

    pub(crate) fn get(&mut self, path: &str) -> Seen {
        self.ask(
            "GET",
            path,
            Sent {
                headers: &[PAGE],
                ..Sent::default()
            },
        )
    }

    /// Sends a form with exactly these fields.
    pub(crate) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Seen {
        let pairs: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let form = ("content-type", "application/x-www-form-urlencoded");
        self.ask(
            "POST",
            path,
            Sent {
                headers: &[PAGE, OURS, form],
                body: pairs.join("&").as_bytes(),
            },
        )
    }

    /// Opens `page`, fills in its form and sends it to `action`.
    pub(crate) fn submit(&mut self, page: &str, action: &str, fields: &[(&str, &str)]) -> Seen {
        let token = self.get(page).hidden("csrf");
        let mut all = vec![("csrf", token.as_str())];
        all.extend(fields);
        self.post(action, &all)
    }

    /// Uploads a file with the other fields of the page's form.
    pub(crate) fn upload(
        &mut self,
        page: &str,
        action: &str,
        file: (&str, &[u8]),
        fields: &[(&str, &str)],
    ) -> Seen {
        let token = self.get(page).hidden("csrf");
        let mut body = Vec::new();
        for (name, value) in [("csrf", token.as_str())].iter().chain(fields) {
            body.extend(
                format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        let (name, content) = file;
        body.extend(
            format!("--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n")
                .bytes(),
        );
        body.extend(content);
        body.extend(b"\r\n--X--\r\n");
        let form = ("content-type", "multipart/form-data; boundary=X");
        self.ask(
            "POST",
            action,
            Sent {
                headers: &[PAGE, OURS, form],
                body: &body,
            },
        )
    }

    #[track_caller]
    pub(crate) fn sign_in(&mut self, login: &str, password: &str) {
        let seen = self.submit(
            "/sign-in",
            "/sign-in",
            &[("login", login), ("password", password)],
        );
        assert_eq!(seen.leads_to(), "/");
    }

    /// One request; HTTP/1.0, so that the answer ends where the connection does.
    pub(crate) fn ask(&mut self, method: &str, path: &str, sent: Sent<'_>) -> Seen {
        let mut head = format!("{method} {path} HTTP/1.0\r\nhost: {}\r\n", self.address);
        let cookies: Vec<String> = self
            .jar
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let length = sent.body.len();
        write!(
            head,
            "cookie: {}\r\ncontent-length: {length}\r\n",
            cookies.join("; ")
        )
        .unwrap();
        for (name, value) in sent.headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        head.push_str("\r\n");
        let seen = read(&self.exchange(&[head.as_bytes(), sent.body].concat()).unwrap());
        for (_, cookie) in seen.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, rest) = cookie.split_once('=').unwrap();
            self.jar
                .insert(name.to_owned(), rest.split(';').next().unwrap().to_owned());
        }
        seen
    }

    /// Bytes there and back, over a connection of their own.
    pub(crate) fn exchange(&self, request: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(DEADLINE))?;
        let mut answer = Vec::new();
        if let Some(tls) = &self.tls {
            let name = ServerName::from(self.address.ip());
            let session = ClientConnection::new(Arc::clone(tls), name).map_err(std::io::Error::other)?;
            let mut stream = StreamOwned::new(session, stream);
            stream.write_all(request)?;
            stream.read_to_end(&mut answer)?;
        } else {
            stream.write_all(request)?;
            stream.read_to_end(&mut answer)?;
        }
        Ok(answer)
    }
}

fn read(answer: &[u8]) -> Seen {
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .expect("an answer with a head");
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let header = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    Seen {
        status,
        headers: lines.map(header).collect(),
        bytes: answer[end + 4..].to_vec(),
    }
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let letter = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(letter).collect()
}
