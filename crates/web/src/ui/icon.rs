//! Icons of 20 × 20, drawn with one line, in the colour of the text beside them.

use std::fmt;

use askama::filters::HtmlSafe;

/// An icon. It only repeats what the words beside it say, so assistive technology does not hear of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is named after what it shows")]
pub enum Icon {
    Attention,
    Cancelled,
    Check,
    Clock,
    Dice,
    Done,
    Download,
    Draft,
    Failed,
    File,
    Info,
    Left,
    List,
    Pause,
    Phone,
    Play,
    Right,
    Search,
    Send,
    SignOut,
    Text,
    Unknown,
    Upload,
}

impl Icon {
    fn shape(self) -> &'static str {
        match self {
            Self::Attention => r#"<path d="M10 2.5 18.3 17H1.7z"/><path d="M10 8v4m0 2.2v.6"/>"#,
            Self::Cancelled => r#"<circle cx="10" cy="10" r="7.5"/><path d="m5 15 10-10"/>"#,
            Self::Check => r#"<path d="m4 10.5 4 4 8-9"/>"#,
            Self::Clock => r#"<circle cx="10" cy="10" r="7.5"/><path d="M10 5.5V10l3 2"/>"#,
            Self::Dice => {
                r#"<rect x="3" y="3" width="14" height="14" rx="3"/><path d="M7 7h.1m5.8 0h.1M10 10h.1M7 13h.1m5.8 0h.1"/>"#
            }
            Self::Done => r#"<circle cx="10" cy="10" r="7.5"/><path d="m6.5 10.2 2.5 2.5 4.5-5"/>"#,
            Self::Download => r#"<path d="M10 3v10m-4-4 4 4 4-4M3.5 17h13"/>"#,
            Self::Draft => r#"<path d="m3.5 16.5.8-3.6L13.5 3.6l2.9 2.9-9.3 9.2z"/>"#,
            Self::Failed => r#"<circle cx="10" cy="10" r="7.5"/><path d="m7.2 7.2 5.6 5.6m0-5.6-5.6 5.6"/>"#,
            Self::File => {
                r#"<path d="M5 2.5h6.5L15.5 6.5v11H5z"/><path d="M11 3v4h4M7.5 11h5.5m-5.5 3h5.5"/>"#
            }
            Self::Info => r#"<circle cx="10" cy="10" r="7.5"/><path d="M10 9v5m0-8v.6"/>"#,
            Self::Left => r#"<path d="m12.5 4-6 6 6 6"/>"#,
            Self::List => r#"<path d="M7 5h10M7 10h10M7 15h10M3 5h.5M3 10h.5M3 15h.5"/>"#,
            Self::Pause => r#"<path d="M7 4v12m6-12v12"/>"#,
            Self::Phone => r#"<rect x="5.5" y="2" width="9" height="16" rx="2"/><path d="M9 15.5h2"/>"#,
            Self::Play => r#"<path d="M6 4v12l10-6z"/>"#,
            Self::Right => r#"<path d="m7.5 4 6 6-6 6"/>"#,
            Self::Search => r#"<circle cx="8.5" cy="8.5" r="5.5"/><path d="m12.8 12.8 4.2 4.2"/>"#,
            Self::Send => r#"<path d="M2.5 9.5 17.5 3l-5 14-3.2-5.6z"/><path d="M17.5 3 9.3 11.4"/>"#,
            Self::SignOut => r#"<path d="M8 3H3.5v14H8m-1-7h10m-3.5-3.5L17 10l-3.5 3.5"/>"#,
            Self::Text => r#"<path d="M3 4h14v10H9l-4 3.5V14H3z"/><path d="M6.5 7.5h7m-7 3h5"/>"#,
            Self::Unknown => {
                r#"<circle cx="10" cy="10" r="7.5"/><path d="M7.8 8a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.6m0 2.2v.5"/>"#
            }
            Self::Upload => r#"<path d="M10 14V4M6 8l4-4 4 4M3.5 17h13"/>"#,
        }
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            r#"<svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>"#,
            self.shape()
        )
    }
}

// Fixed drawings.
impl HtmlSafe for Icon {}
