//! What the layout of a staff page needs: where we are, who looks, what to say first.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::{Extension, Router, middleware};
use tower_http::compression::CompressionLayer;

use crate::csrf::CsrfToken;
use crate::form::Errors;
use crate::ui::{Markup, Notice};
use crate::{Language, error, headers};

/// Which installation this is. Shown on every page, by colour and by words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// 本番: people get what is sent.
    Production,
    /// 検証: for trying out.
    Verification,
    /// デモ: made-up people, a simulated carrier.
    Demo,
}

impl Environment {
    /// The word on the badge.
    pub fn label(self) -> &'static str {
        match self {
            Self::Production => "本番",
            Self::Verification => "検証",
            Self::Demo => "デモ",
        }
    }

    /// What the badge means, in a sentence; nothing for 本番.
    pub fn explanation(self) -> Option<&'static str> {
        match self {
            Self::Production => None,
            Self::Verification => Some("動きを確かめるための環境です。実在の人に送らないでください。"),
            Self::Demo => Some("登場する人はすべて架空で、実際のSMSは送られません。"),
        }
    }

    /// The class of its colour.
    pub fn class(self) -> &'static str {
        match self {
            Self::Production => "env--production",
            Self::Verification => "env--verification",
            Self::Demo => "env--demo",
        }
    }
}

/// One entry of the main navigation.
#[derive(Clone, Debug)]
pub struct NavEntry {
    /// Where it leads.
    pub href: &'static str,
    /// What it says.
    pub label: &'static str,
    /// Beginnings of other addresses that belong to it, such as `/broadcasts`.
    pub covers: &'static [&'static str],
    /// The heading that it stands under where a person has many; empty for what always stands alone.
    pub group: &'static str,
    /// What it says to whoever may not ask for this route: route, label.
    pub instead: Option<(&'static str, &'static str)>,
}

/// Entries that stand under one heading, or one that stands alone.
#[derive(Clone, Debug)]
pub struct NavGroup<'s> {
    /// The heading; empty for one that stands alone.
    pub label: &'static str,
    /// Where each leads, what it says, and its value of `aria-current`.
    pub entries: Vec<(&'s NavEntry, &'static str, Option<&'static str>)>,
}

impl NavGroup<'_> {
    /// Whether the page that is looked at is among them.
    pub fn is_current(&self) -> bool {
        self.entries.iter().any(|(.., current)| current.is_some())
    }
}

/// So many entries stand side by side on one line of a desk's screen; more are put under headings.
const SIDE_BY_SIDE: usize = 7;

impl NavEntry {
    /// The value of `aria-current` when the page at `path` is looked at.
    pub fn current(&self, path: &str) -> Option<&'static str> {
        if path == self.href {
            return Some("page");
        }
        let below = |base: &&str| {
            path.strip_prefix(*base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let own = [self.href];
        let mut bases = self.covers.iter().chain(own.iter().filter(|href| **href != "/"));
        bases.any(below).then_some("true")
    }
}

/// What is the same on every page of this installation. One per process, given to [`outer`].
#[derive(Clone, Debug)]
pub struct Site {
    /// Which installation this is.
    pub environment: Environment,
    /// Whether the public address is https.
    pub https: bool,
    /// The main navigation.
    pub navigation: Vec<NavEntry>,
    /// Where the sign-out form goes.
    pub sign_out: &'static str,
    /// The signed-in person's own page.
    pub me: &'static str,
    /// Whom to ask, as a line: `システム担当 内線 2345`.
    pub help: String,
    /// The version at the foot of each page.
    pub version: &'static str,
}

/// Who looks at the page. The sign-in layer puts it into the request's extensions.
#[derive(Clone)]
pub struct Viewer {
    /// The person's name.
    pub staff_name: String,
    /// What the person may do, in words: `保健所 担当者`.
    pub role: String,
    /// The office: `朝霞保健所`.
    pub office: String,
    /// The organisation: `さいたま県`.
    pub organisation: String,
    /// The organisation is in training: nothing that is sent reaches anybody.
    pub training: bool,
    /// Somebody has stopped everything that the organisation sends.
    pub stopped: bool,
    /// Where to change to another office, for whoever works at several.
    pub elsewhere: Option<&'static str>,
}

/// Which routes the signed-in person may ask for, by method and path as the router has them. The sign-in layer puts
/// it into the request's extensions; without it everything is within reach.
#[derive(Clone)]
pub struct Reach(Arc<Admits>);

/// Whether a route, by method and path, may be asked for.
type Admits = dyn Fn(&str, &str) -> bool + Send + Sync;

impl Reach {
    /// As `admits` says.
    pub fn new(admits: impl Fn(&str, &str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(admits))
    }
}

impl std::fmt::Debug for Reach {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Reach(…)")
    }
}

impl std::fmt::Debug for Viewer {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Viewer")
            .field("office", &self.office)
            .finish_non_exhaustive()
    }
}

/// When the login session ends if the person asks for nothing more. The sign-in layer puts it into the request's
/// extensions; the page warns before. Without JavaScript it simply ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEnd {
    /// So many seconds after this page.
    pub seconds: u64,
    /// The page warns so many seconds before.
    pub warning: u64,
    /// A request to this address lets it go on.
    pub extend: &'static str,
}

/// The shell of one page; the field `shell` of every staff template. Handlers take it as an extractor.
#[derive(Clone, Debug)]
pub struct Shell {
    site: Option<Arc<Site>>,
    viewer: Option<Viewer>,
    reach: Option<Reach>,
    session_end: Option<SessionEnd>,
    csrf: Option<String>,
    path: String,
    done: Option<String>,
    title: String,
    errors: Errors,
    notice: Option<Notice>,
    reload_seconds: Option<u32>,
}

impl Shell {
    /// A shell that knows of nothing, for errors before any layer was reached.
    pub(crate) fn bare() -> Self {
        Self {
            site: None,
            viewer: None,
            reach: None,
            session_end: None,
            csrf: None,
            path: String::new(),
            done: None,
            title: String::new(),
            errors: Errors::default(),
            notice: None,
            reload_seconds: None,
        }
    }

    /// The page's title and first heading, unique within the product.
    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// Mistakes in the form that the page shows: a summary above the heading, 「エラー: 」 in the title,
    /// and each at its field.
    #[must_use]
    pub fn with_errors(mut self, errors: Errors) -> Self {
        self.errors = errors;
        self
    }

    /// A notice above the heading.
    #[must_use]
    pub fn with_notice(mut self, notice: Notice) -> Self {
        self.notice = Some(notice);
        self
    }

    /// Where there is no JavaScript, the page loads itself again after so many seconds.
    #[must_use]
    pub fn reloading_every(mut self, seconds: u32) -> Self {
        self.reload_seconds = Some(seconds);
        self
    }

    /// The word that [`crate::after_post_with`] left.
    pub fn done(&self) -> Option<&str> {
        self.done.as_deref()
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The installation.
    pub fn site(&self) -> Option<&Site> {
        self.site.as_deref()
    }

    /// The signed-in person.
    pub fn viewer(&self) -> Option<&Viewer> {
        self.viewer.as_ref()
    }

    /// The badge of each page: class and word. An organisation in training is that before anything else.
    pub fn badge(&self) -> Option<(&'static str, &'static str)> {
        let site = self.site.as_ref()?;
        if self.is_training() {
            return Some(("env--training", "訓練"));
        }
        Some((site.environment.class(), site.environment.label()))
    }

    /// Whether what this organisation sends reaches nobody.
    pub fn is_training(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.training)
    }

    /// Whether everything that this organisation sends stands still.
    pub fn is_stopped(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.stopped)
    }

    /// Whether the person who looks may ask for this route: `shell.may("POST", "/broadcasts/{id}/stop")`. What is out
    /// of reach has no button.
    pub fn may(&self, method: &str, path: &str) -> bool {
        self.reach.as_ref().is_none_or(|reach| (reach.0)(method, path))
    }

    /// When the signed-in person's session ends by itself.
    pub fn session_end(&self) -> Option<SessionEnd> {
        self.session_end.filter(|_| self.viewer.is_some())
    }

    /// The token for a script's own requests (`x-csrf-token`).
    pub fn csrf_token(&self) -> &str {
        self.csrf.as_deref().unwrap_or_default()
    }

    /// The navigation that is within reach: a few entries side by side, more of them under headings.
    pub fn navigation(&self) -> Vec<NavGroup<'_>> {
        let entries = self.site.iter().flat_map(|site| &site.navigation);
        let entries: Vec<&NavEntry> = entries.filter(|entry| self.may("GET", entry.href)).collect();
        let few = entries.len() <= SIDE_BY_SIDE;
        let mut groups: Vec<NavGroup<'_>> = Vec::new();
        for entry in entries {
            let label = if few { "" } else { entry.group };
            let other = entry.instead.filter(|(route, _)| !self.may("GET", route));
            let says = other.map_or(entry.label, |(_, label)| label);
            let shown = (entry, says, entry.current(&self.path));
            match groups
                .iter_mut()
                .find(|group| !label.is_empty() && group.label == label)
            {
                Some(group) => group.entries.push(shown),
                None => groups.push(NavGroup {
                    label,
                    entries: vec![shown],
                }),
            }
        }
        groups
    }

    /// The mistakes in the form.
    pub fn errors(&self) -> &Errors {
        &self.errors
    }

    /// The notice above the heading.
    pub fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    /// Seconds after which a page without JavaScript loads itself again.
    pub fn reload_seconds(&self) -> Option<u32> {
        self.reload_seconds
    }

    /// The language of the page.
    pub fn language(&self) -> Language {
        Language::Japanese
    }

    /// The hidden field that every form with `method="post"` begins with.
    pub fn csrf_field(&self) -> Markup {
        let token = self.csrf.as_deref().unwrap_or_default();
        Markup::trusted(format!(
            r#"<input type="hidden" name="{}" value="{token}">"#,
            crate::csrf::FIELD
        ))
    }
}

impl<S: Sync> FromRequestParts<S> for Shell {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let done = query.split('&').find_map(|field| field.strip_prefix("done="));
        Ok(Self {
            site: parts.extensions.get::<Arc<Site>>().cloned(),
            viewer: parts.extensions.get::<Viewer>().cloned(),
            session_end: parts.extensions.get::<SessionEnd>().copied(),
            reach: parts.extensions.get::<Reach>().cloned(),
            csrf: parts.extensions.get::<CsrfToken>().map(CsrfToken::masked),
            path: parts.uri.path().to_owned(),
            done: done.map(str::to_owned),
            ..Self::bare()
        })
    }
}

/// The outermost layers of a host: its [`Site`], compression, panics and errors as pages, security
/// headers. The
/// sign-in layer and [`error::pages`] belong inside.
pub fn outer(router: Router, site: Site) -> Router {
    let https = site.https;
    error::catching_panics(router)
        .layer(middleware::from_fn(error::pages))
        .layer(Extension(Arc::new(site)))
        .layer(middleware::from_fn_with_state(https, headers::layer))
        .layer(CompressionLayer::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_current_for_what_it_covers() {
        let today = NavEntry {
            href: "/",
            label: "今日の配信",
            covers: &["/broadcasts"],
            group: "",
            instead: None,
        };
        assert_eq!(today.current("/"), Some("page"));
        assert_eq!(today.current("/broadcasts/3"), Some("true"));
        assert_eq!(today.current("/broadcasts-of-old"), None);
        assert_eq!(today.current("/templates"), None);
        let templates = NavEntry {
            href: "/templates",
            label: "文面",
            covers: &[],
            group: "",
            instead: None,
        };
        assert_eq!(templates.current("/templates/1"), Some("true"));
    }
}
