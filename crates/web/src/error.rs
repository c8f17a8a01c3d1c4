//! What goes wrong, told to the person who looks at the page: what happened, what to do.
//!
//! Three kinds: a refusal that the person can act on, something that is not there (for them), and a
//! bug, which gets a number that is shown and logged once, here.

use std::any::Any;
use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::extract::multipart::MultipartError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Redirect, Response};
use tower_http::catch_panic::CatchPanicLayer;

use crate::Shell;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a page cannot be shown or a form cannot be carried out.
#[derive(Debug)]
pub enum PageError {
    /// The request cannot be done as it stands (422): what happened, and what to do.
    Rejected {
        /// One sentence.
        what: String,
        /// One or two sentences.
        next: String,
    },
    /// Somebody or something was faster (409): what happened, and what to do.
    Conflict {
        /// One sentence.
        what: String,
        /// One or two sentences.
        next: String,
    },
    /// There is no such page or thing (404).
    NotFound,
    /// It exists, but not for this person. Looks exactly like [`Self::NotFound`].
    Forbidden,
    /// The form is too old or does not come from our page (403).
    StaleForm,
    /// The form's fields cannot be read (400).
    Unreadable,
    /// More was uploaded than is allowed here (413).
    TooLarge,
    /// Something has to be done first, at this address of ours; the request itself has done nothing (303).
    Elsewhere(String),
    /// Too much at once, or the database does not answer; trying again helps (503).
    Busy,
    /// Our fault (500).
    Bug(Source),
}

impl PageError {
    /// A refusal that the person can act on.
    pub fn rejected(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Rejected {
            what: what.into(),
            next: next.into(),
        }
    }

    /// Somebody or something was faster.
    pub fn conflict(what: impl Into<String>, next: impl Into<String>) -> Self {
        Self::Conflict {
            what: what.into(),
            next: next.into(),
        }
    }

    /// An error that nobody using the page can do anything about.
    pub fn bug(source: impl Into<Source>) -> Self {
        Self::Bug(source.into())
    }

    fn explain(self) -> Explanation {
        match self {
            Self::Rejected { what, next } => Explanation::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "この操作はできませんでした",
                what,
                next,
            ),
            Self::Conflict { what, next } => {
                Explanation::new(StatusCode::CONFLICT, "先に別の操作が行われました", what, next)
            }
            Self::Bug(source) => Explanation::of_bug(&*source),
            other => other.explain_fixed(),
        }
    }

    fn explain_fixed(self) -> Explanation {
        let (status, title, what, next) = match self {
            Self::StaleForm => (
                StatusCode::FORBIDDEN,
                "画面の有効期限が切れました",
                "安全のため、この画面からの操作は受け付けませんでした。何も変更されていません。",
                "前の画面を開き直して、もう一度操作してください。",
            ),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "入力内容を読み取れませんでした",
                "送られた内容の一部が欠けているか、形が違います。何も変更されていません。",
                "前の画面を開き直して、もう一度入力してください。",
            ),
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "ファイルが大きすぎます",
                "受け付けられる大きさを超えているため、読み込みませんでした。",
                "不要なシートや列を取り除くか、リストを分けてから、もう一度選んでください。",
            ),
            Self::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "ただいま混み合っています",
                "処理が混み合っていて、この画面をすぐに表示できませんでした。配信中のものはそのまま続いています。",
                "数秒待ってから、もう一度開いてください。",
            ),
            _ => (
                StatusCode::NOT_FOUND,
                "ページが見つかりません",
                "アドレスが違うか、移動または削除されたか、あなたの所属では表示できないページです。",
                "アドレスを確かめるか、「今日の配信」から探してください。",
            ),
        };
        Explanation::new(status, title, what, next)
    }
}

/// For errors that nobody using the page can do anything about: `store.load(id).or_bug()?`.
pub trait OrBug<T> {
    /// The value, or a page that says that it is our fault.
    fn or_bug(self) -> Result<T, PageError>;
}

impl<T, E: Into<Source>> OrBug<T> for Result<T, E> {
    fn or_bug(self) -> Result<T, PageError> {
        self.map_err(PageError::bug)
    }
}

/// Reading an upload went wrong: too large, or not a form.
impl From<MultipartError> for PageError {
    fn from(error: MultipartError) -> Self {
        if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            Self::TooLarge
        } else {
            Self::Unreadable
        }
    }
}

/// An error in the words of the page.
#[derive(Clone, Debug)]
struct Explanation {
    status: StatusCode,
    title: &'static str,
    what: String,
    next: String,
    id: Option<String>,
}

impl Explanation {
    fn new(
        status: StatusCode,
        title: &'static str,
        what: impl Into<String>,
        next: impl Into<String>,
    ) -> Self {
        Self {
            status,
            title,
            what: what.into(),
            next: next.into(),
            id: None,
        }
    }

    fn of_bug(source: &(dyn std::error::Error + 'static)) -> Self {
        let id = new_id();
        let mut chain = source.to_string();
        let mut cause = source.source();
        while let Some(error) = cause {
            write!(chain, ": {error}").expect("a String takes every text");
            cause = error.source();
        }
        tracing::error!(id, error = chain, "a page failed");
        let mut explanation = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "システムの不具合が起きました",
            "申し訳ありません。こちらの不具合で、この画面を表示できませんでした。受け付け済みの配信は失われません。",
            "もう一度開いても同じときは、下の番号を添えてシステム担当にお知らせください。",
        );
        explanation.id = Some(id);
        explanation
    }

    fn into_response(self, shell: Shell) -> Response {
        let status = self.status;
        let page = ErrorPage {
            shell: shell.titled(self.title),
            error: &self,
        };
        let body = page
            .render()
            .unwrap_or_else(|_| format!("{}\n{}", self.what, self.next));
        let mut response = (status, Html(body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// Eight letters that a person can read out: no 0/O, 1/I.
fn new_id() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut bytes = [0_u8; 8];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
        .collect()
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    error: &'a Explanation,
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let explanation = match self {
            Self::Elsewhere(address) => return Redirect::to(&address).into_response(),
            other => other.explain(),
        };
        let mut response = explanation.clone().into_response(Shell::bare());
        response.extensions_mut().insert(explanation);
        response
    }
}

/// Turns a panic into the page of a bug.
fn of_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic
            .downcast::<&str>()
            .map_or_else(|_| "panic".to_owned(), |text| (*text).into()),
    };
    PageError::bug(text).into_response()
}

/// A layer (`axum::middleware::from_fn(web::error::pages)`) that shows every error inside the layout,
/// and puts words to the framework's own bare refusals. It belongs inside the sign-in layer, so that the
/// signed-in person's header is there; [`crate::outer`] holds a second one for what never gets so far.
pub async fn pages(shell: Shell, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    // Taken out, so that the innermost layer has the last word.
    if let Some(explanation) = response.extensions_mut().remove::<Explanation>() {
        return explanation.into_response(shell);
    }
    match bare_refusal(response.status()) {
        Some(error) if !has_words(&response) => error.explain().into_response(shell),
        _ => response,
    }
}

/// What went wrong with an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The code of the answer.
    pub status: StatusCode,
    /// The number under which a bug was logged.
    pub id: Option<String>,
}

/// What went wrong with an answer that has no words for its reader yet: a refusal of the framework, a [`PageError`], a
/// panic. For a host that says it in words of its own instead of [`pages`].
pub fn wrong(response: &mut Response) -> Option<Wrong> {
    if let Some(explanation) = response.extensions_mut().remove::<Explanation>() {
        return Some(Wrong {
            status: explanation.status,
            id: explanation.id,
        });
    }
    let status = response.status();
    (bare_refusal(status).is_some() && !has_words(response)).then_some(Wrong { status, id: None })
}

/// Makes an answer of a panic, for [`wrong`] or [`pages`] outside of it.
pub fn catching_panics(router: Router) -> Router {
    router.layer(CatchPanicLayer::custom(of_panic))
}

fn has_words(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|value| value != TEXT)
}

const TEXT: &str = "text/plain; charset=utf-8";

fn bare_refusal(status: StatusCode) -> Option<PageError> {
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => Some(PageError::NotFound),
        StatusCode::PAYLOAD_TOO_LARGE => Some(PageError::TooLarge),
        StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Some(PageError::Unreadable)
        }
        _ => None,
    }
}
