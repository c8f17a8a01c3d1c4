//! The static files, inside the binary. An address holds the hash of its content, so browsers may keep
//! it for ever and never show yesterday's look.

use std::sync::LazyLock;

use askama::filters::HtmlSafe;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use sha2::{Digest, Sha256};

/// A file of `static/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asset {
    /// The Digital Agency's design tokens.
    Tokens,
    /// The look.
    Stylesheet,
    /// What only residents' pages have: questions one by one, on a phone.
    ResidentStylesheet,
    /// The mark in the browser's tab.
    Icon,
    /// Every form: no second submission, passwords can be shown.
    FormScript,
    /// Live progress.
    ProgressScript,
    /// Drop zone and upload progress.
    UploadScript,
    /// The countdown of the hold window.
    HoldScript,
    /// The length of a text while it is typed.
    TextScript,
    /// The warning before a login session ends.
    SessionScript,
    /// Passkeys: asks the browser for one and puts its answer into the form.
    PasskeyScript,
    /// How long a caller has a person to themselves.
    LeaseScript,
    /// Photos: made smaller, covered, sent part by part.
    PhotoScript,
    /// How a photo should look.
    PhotoGood,
    /// How it should not.
    PhotoBad,
    /// What only the pages have on which applications are judged.
    ReviewStylesheet,
    /// The same: keys, pictures, the lease, what is taken back.
    ReviewScript,
    /// A proof of work, done while a form is filled in.
    ProofScript,
}

struct File {
    name: String,
    content_type: &'static str,
    content: &'static [u8],
}

static FILES: LazyLock<Vec<File>> = LazyLock::new(|| Asset::ALL.iter().map(|asset| asset.file()).collect());

impl Asset {
    const ALL: [Self; 18] = [
        Self::Tokens,
        Self::Stylesheet,
        Self::ResidentStylesheet,
        Self::Icon,
        Self::FormScript,
        Self::ProgressScript,
        Self::UploadScript,
        Self::HoldScript,
        Self::TextScript,
        Self::SessionScript,
        Self::PasskeyScript,
        Self::LeaseScript,
        Self::PhotoScript,
        Self::PhotoGood,
        Self::PhotoBad,
        Self::ReviewStylesheet,
        Self::ReviewScript,
        Self::ProofScript,
    ];

    fn source(self) -> (&'static str, &'static str, &'static [u8]) {
        match self {
            Self::Tokens => (
                "tokens",
                "css",
                include_bytes!("../static/vendor/digital-go-jp-design-tokens/tokens.css"),
            ),
            Self::Stylesheet => ("todoke", "css", include_bytes!("../static/todoke.css")),
            Self::ResidentStylesheet => ("resident", "css", include_bytes!("../static/resident.css")),
            Self::Icon => ("icon", "svg", include_bytes!("../static/icon.svg")),
            Self::FormScript => ("form", "js", include_bytes!("../static/form.js")),
            Self::ProgressScript => ("progress", "js", include_bytes!("../static/progress.js")),
            Self::UploadScript => ("upload", "js", include_bytes!("../static/upload.js")),
            Self::HoldScript => ("hold", "js", include_bytes!("../static/hold.js")),
            Self::TextScript => ("text", "js", include_bytes!("../static/text.js")),
            Self::SessionScript => ("session", "js", include_bytes!("../static/session.js")),
            Self::PasskeyScript => ("passkey", "js", include_bytes!("../static/passkey.js")),
            Self::LeaseScript => ("lease", "js", include_bytes!("../static/lease.js")),
            Self::PhotoScript => ("photo", "js", include_bytes!("../static/photo.js")),
            Self::PhotoGood => ("photo-good", "svg", include_bytes!("../static/photo-good.svg")),
            Self::PhotoBad => ("photo-bad", "svg", include_bytes!("../static/photo-bad.svg")),
            Self::ReviewStylesheet => ("review", "css", include_bytes!("../static/review.css")),
            Self::ReviewScript => ("review", "js", include_bytes!("../static/review.js")),
            Self::ProofScript => ("proof", "js", include_bytes!("../static/proof.js")),
        }
    }

    fn file(self) -> File {
        let (stem, ending, content) = self.source();
        let hash = Sha256::digest(content);
        let mark = hash[..6]
            .iter()
            .fold(0_u64, |mark, byte| mark << 8 | u64::from(*byte));
        let content_type = match ending {
            "css" => "text/css; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
        File {
            name: format!("{stem}.{mark:012x}.{ending}"),
            content_type,
            content,
        }
    }

    /// Its address: `/static/todoke.0123456789ab.css`.
    pub fn url(self) -> String {
        let index = Self::ALL
            .iter()
            .position(|asset| *asset == self)
            .expect("ALL lists every asset");
        format!("/static/{}", FILES[index].name)
    }

    /// The element that loads a script.
    pub fn script(self) -> ScriptTag {
        ScriptTag(self.url())
    }
}

/// `<script type="module" src="…">`.
#[derive(Clone, Debug)]
pub struct ScriptTag(String);

impl std::fmt::Display for ScriptTag {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, r#"<script type="module" src="{}"></script>"#, self.0)
    }
}

// An address of ours: letters, digits, dots and slashes.
impl HtmlSafe for ScriptTag {}

/// Serves every [`Asset`]. Needs no sign-in: put it outside the sign-in layer.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/static/{name}", routing::get(serve))
}

async fn serve(Path(name): Path<String>) -> Response {
    let Some(file) = FILES.iter().find(|file| file.name == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, file.content).into_response()
}
