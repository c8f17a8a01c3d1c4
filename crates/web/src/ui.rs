//! The components that pages are made of. Each is a value with texts in it; written into a template as
//! `{{ value }}` it becomes markup, with every text escaped.

#![expect(
    clippy::needless_pass_by_value,
    reason = "templates hand over references to text of every kind; `ToString` takes them all"
)]

mod icon;
mod phone;
mod progress;
mod sheet;
mod viewer;

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

pub use icon::Icon;
pub use phone::{Bubble, Mark, Phone};
pub use progress::{Hold, Part, Progress, Tile, Tiles};
pub use sheet::Sheet;
pub use viewer::{Picture, Viewer};

/// Markup made by this crate itself.
#[derive(Clone, Debug)]
pub struct Markup(String);

impl Markup {
    /// Only for text that cannot hold anything from outside.
    pub(crate) fn trusted(html: String) -> Self {
        Self(html)
    }
}

impl fmt::Display for Markup {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// How something stands. Colour, icon and word always go together, so that none is needed alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Being prepared: 下書き.
    Draft,
    /// Being looked at by the machine: 検査中.
    Checking,
    /// Its turn comes later: 待機, 取消期間中.
    Waiting,
    /// Under way: 配信中, 送信中.
    Moving,
    /// Handed to the carrier: 送信済.
    Accepted,
    /// Arrived, finished: 配信済, 完了.
    Done,
    /// A person has to look: 要確認.
    Attention,
    /// Did not work: 失敗, 不達.
    Failed,
    /// Nobody can know yet: 結果不明.
    Unknown,
    /// Halted by a person or by an outage: 停止中.
    Stopped,
    /// Will not be done: 取消, 破棄.
    Cancelled,
}

impl Tone {
    /// The end of the class name.
    pub fn class(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Checking => "checking",
            Self::Waiting => "waiting",
            Self::Moving => "moving",
            Self::Accepted => "accepted",
            Self::Done => "done",
            Self::Attention => "attention",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Its icon.
    pub fn icon(self) -> Icon {
        match self {
            Self::Draft => Icon::Draft,
            Self::Checking => Icon::Search,
            Self::Waiting => Icon::Clock,
            Self::Moving => Icon::Send,
            Self::Accepted => Icon::Check,
            Self::Done => Icon::Done,
            Self::Attention => Icon::Attention,
            Self::Failed => Icon::Failed,
            Self::Unknown => Icon::Unknown,
            Self::Stopped => Icon::Pause,
            Self::Cancelled => Icon::Cancelled,
        }
    }
}

/// A state as a chip: icon and word.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/chip.html")]
pub struct Chip {
    tone: Tone,
    label: String,
}

impl HtmlSafe for Chip {}

impl Chip {
    /// The word is the state's own, such as 配信済.
    pub fn new(tone: impl Borrow<Tone>, label: impl ToString) -> Self {
        Self {
            tone: *tone.borrow(),
            label: label.to_string(),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum NoticeKind {
    Info,
    Success,
    Warning,
    Error,
}

/// A notice: what happened, what to do.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/notice.html")]
pub struct Notice {
    kind: NoticeKind,
    title: String,
    text: String,
    items: Vec<String>,
    link: Option<(String, String)>,
}

impl HtmlSafe for Notice {}

impl Notice {
    fn new(kind: NoticeKind, title: impl ToString) -> Self {
        Self {
            kind,
            title: title.to_string(),
            text: String::new(),
            items: Vec::new(),
            link: None,
        }
    }

    /// Good to know.
    pub fn info(title: impl ToString) -> Self {
        Self::new(NoticeKind::Info, title)
    }

    /// It worked.
    pub fn success(title: impl ToString) -> Self {
        Self::new(NoticeKind::Success, title)
    }

    /// Look at this before going on.
    pub fn warning(title: impl ToString) -> Self {
        Self::new(NoticeKind::Warning, title)
    }

    /// It did not work, or it cannot go on like this.
    pub fn error(title: impl ToString) -> Self {
        Self::new(NoticeKind::Error, title)
    }

    /// What to do, in a sentence or two.
    #[must_use]
    pub fn text(mut self, text: impl ToString) -> Self {
        self.text = text.to_string();
        self
    }

    /// One line of a list below the text.
    #[must_use]
    pub fn item(mut self, text: impl ToString) -> Self {
        self.items.push(text.to_string());
        self
    }

    /// A link at the end: address and words.
    #[must_use]
    pub fn link(mut self, href: impl ToString, label: impl ToString) -> Self {
        self.link = Some((href.to_string(), label.to_string()));
        self
    }

    fn icon(&self) -> Icon {
        match self.kind {
            NoticeKind::Info => Icon::Info,
            NoticeKind::Success => Icon::Done,
            NoticeKind::Warning => Icon::Attention,
            NoticeKind::Error => Icon::Failed,
        }
    }

    fn class(&self) -> &'static str {
        match self.kind {
            NoticeKind::Info => "info",
            NoticeKind::Success => "success",
            NoticeKind::Warning => "warning",
            NoticeKind::Error => "error",
        }
    }
}

/// Where one is in a flow of steps.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/stepper.html")]
pub struct Stepper {
    labels: &'static [&'static str],
    current: usize,
}

impl HtmlSafe for Stepper {}

impl Stepper {
    /// `current` counts from 1; a number past the end means that all steps are behind.
    pub fn new(labels: &'static [&'static str], current: usize) -> Self {
        Self { labels, current }
    }

    /// The step's number as one says it: within the steps there are.
    fn reached(&self) -> usize {
        self.current.min(self.labels.len())
    }

    fn steps(&self) -> impl Iterator<Item = (usize, &'static str, Ordering)> {
        let numbered = (1..).zip(self.labels);
        numbered.map(|(number, label)| (number, *label, number.cmp(&self.current)))
    }
}

/// Nothing in the list yet: says so, and what to do.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/empty.html")]
pub struct Empty {
    icon: Icon,
    title: String,
    text: String,
    link: Option<(String, String)>,
}

impl HtmlSafe for Empty {}

impl Empty {
    /// What is not there, and what to do.
    pub fn new(icon: Icon, title: impl ToString, text: impl ToString) -> Self {
        Self {
            icon,
            title: title.to_string(),
            text: text.to_string(),
            link: None,
        }
    }

    /// The way on, as a button: address and words.
    #[must_use]
    pub fn link(mut self, href: impl ToString, label: impl ToString) -> Self {
        self.link = Some((href.to_string(), label.to_string()));
        self
    }
}

/// A place to drop a file, which is a plain file field for those who do not. Its form needs
/// `method="post" enctype="multipart/form-data"` and the CSRF field first.
#[derive(Clone, Debug, Template)]
#[template(path = "ui/drop_zone.html")]
pub struct DropZone {
    name: String,
    label: String,
    support: String,
    accept: &'static str,
    error: Option<String>,
    submit: Option<String>,
    optional: bool,
}

impl HtmlSafe for DropZone {}

impl DropZone {
    /// The field's name, what to drop, what is accepted (in words), and the file endings: `.csv,.xlsx`.
    pub fn new(name: &str, label: &str, support: &str, accept: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            support: support.to_owned(),
            accept,
            error: None,
            submit: None,
            optional: false,
        }
    }

    /// The form may go without a file.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }

    /// Its own mistake out of the form's.
    #[must_use]
    pub fn errors(mut self, errors: &crate::Errors) -> Self {
        self.error = errors.of(&self.name).map(str::to_owned);
        self
    }

    /// Low, with the form's button in it, for the top of a list.
    #[must_use]
    pub fn with_submit(mut self, label: impl ToString) -> Self {
        self.submit = Some(label.to_string());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chip_says_its_state_in_words() {
        let html = Chip::new(Tone::Unknown, "結果不明<").to_string();
        assert!(
            html.contains("chip--unknown") && html.contains("結果不明&#60;"),
            "{html}"
        );
    }

    #[test]
    fn the_stepper_says_in_words_where_one_is() {
        let html = Stepper::new(&["アップロード", "検査", "配信"], 2).to_string();
        assert!(html.contains("全3ステップ中、2ステップ目"), "{html}");
        assert_eq!(html.matches(r#"aria-current="step""#).count(), 1);
    }

    #[test]
    fn texts_of_a_notice_are_escaped() {
        let notice = Notice::error("<i>")
            .text("<i>")
            .item("<i>")
            .link("/\"><i>", "<i>");
        assert!(!notice.to_string().contains("<i>"));
    }
}
