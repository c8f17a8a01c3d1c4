//! Where a person signs in from: the address and the browser, kept with the session so that its owner
//! recognises it. Neither decides anything.

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use crate::SourceAddress;

/// From where and with what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Arrival {
    pub(crate) source: SourceAddress,
    pub(crate) browser: Browser,
}

impl<S: Sync> FromRequestParts<S> for Arrival {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let source = SourceAddress::from_request_parts(parts, state).await?;
        let agent = parts.headers.get(header::USER_AGENT);
        let agent = agent.and_then(|agent| agent.to_str().ok());
        Ok(Self {
            source,
            browser: Browser::of_agent(agent.unwrap_or_default()),
        })
    }
}

/// Which browser on what, as far as it says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Browser {
    name: Option<&'static str>,
    system: Option<&'static str>,
}

/// What stands in a browser's own word, and its name. The order decides: Edge says Chrome too, and Chrome Safari.
const NAMES: [(&str, &str); 5] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// The same for systems: Android says Linux too, and an iPad Mac OS X.
const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
];

impl Browser {
    /// Reads the browser's own word (`User-Agent`).
    pub(crate) fn of_agent(agent: &str) -> Self {
        let first = |known: &[(&str, &'static str)]| {
            let found = known.iter().find(|(mark, _)| agent.contains(mark));
            found.map(|(_, name)| *name)
        };
        Self {
            name: first(&NAMES),
            system: first(&SYSTEMS),
        }
    }

    /// As the database keeps it.
    pub(crate) fn code(self) -> String {
        format!(
            "{}/{}",
            self.name.unwrap_or_default(),
            self.system.unwrap_or_default()
        )
    }

    /// What [`Browser::code`] gave.
    pub(crate) fn from_code(code: &str) -> Self {
        let (name, system) = code.split_once('/').unwrap_or_default();
        let known = |all: &[(&str, &'static str)], wanted: &str| {
            let found = all.iter().find(|(_, name)| *name == wanted);
            found.map(|(_, name)| *name)
        };
        Self {
            name: known(&NAMES, name),
            system: known(&SYSTEMS, system),
        }
    }

    /// In words: `Windows の Edge`.
    pub(crate) fn words(self) -> String {
        match (self.system, self.name) {
            (Some(system), Some(name)) => format!("{system} の {name}"),
            (Some(one), None) | (None, Some(one)) => one.to_owned(),
            (None, None) => "分からない端末".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_as_people_know_them() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                "Windows の Edge",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36",
                "Windows の Chrome",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Mac の Safari",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
                "Linux の Firefox",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile Safari/537.36",
                "Android の Chrome",
            ),
            ("curl/8.0", "分からない端末"),
            ("", "分からない端末"),
        ] {
            let browser = Browser::of_agent(agent);
            assert_eq!(browser.words(), words, "{agent}");
            assert_eq!(Browser::from_code(&browser.code()), browser);
        }
        assert_eq!(Browser::from_code("<script>/x"), Browser::default());
    }
}
