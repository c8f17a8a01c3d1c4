//! Files that leave the product: for a purpose, marked with who took them, and by rule with a second person.

use base::clock::{HOUR, Millis};
use base::id::{BroadcastId, DeskId, OfficeId, StaffId};

/// How long somebody's asking, and then somebody's agreeing, holds.
pub const VALID: Millis = 24 * HOUR;

/// Longest purpose, in letters: two sentences.
pub const PURPOSE_LETTERS: usize = 200;

/// As what the file leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportForm {
    /// CSV.
    Csv,
    /// A workbook.
    Xlsx,
}

impl ExportForm {
    /// The word in the database and the ending of the file.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form that `code` means.
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Csv, Self::Xlsx]
            .into_iter()
            .find(|form| form.code() == code)
    }
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ExportSubject {
    /// What became of a broadcast.
    Broadcast(BroadcastId),
    /// Names and addresses for whoever sends parcels: a list of a desk.
    Deliveries(DeskId, i64),
}

impl ExportSubject {
    /// What pages call it.
    pub fn label(self) -> String {
        match self {
            Self::Broadcast(broadcast) => format!("配信 {broadcast} の結果"),
            Self::Deliveries(_, list) => format!("発送の一覧 {list}"),
        }
    }

    /// The page that it belongs to.
    pub fn page(self) -> String {
        match self {
            Self::Broadcast(broadcast) => format!("/broadcasts/{broadcast}"),
            Self::Deliveries(desk, _) => format!("/desks/{desk}/deliveries"),
        }
    }

    /// Where whoever asked takes the file of this request.
    pub fn fetch(self, request: i64) -> String {
        match self {
            Self::Broadcast(_) => format!("/exports/{request}/fetch"),
            Self::Deliveries(desk, list) => format!("/desks/{desk}/deliveries/{list}/fetch/{request}"),
        }
    }
}

/// A file that somebody asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    /// Whose it is.
    pub office: OfficeId,
    /// What it holds.
    pub subject: ExportSubject,
    /// As what.
    pub form: ExportForm,
    /// What for.
    pub purpose: String,
    /// How many rows it holds.
    pub rows: u32,
    /// Who asks.
    pub by: StaffId,
}

/// A file that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportRequest {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub office: OfficeId,
    /// What it holds.
    pub subject: ExportSubject,
    /// As what.
    pub form: ExportForm,
    /// What for.
    pub purpose: String,
    /// How many rows it held when it was asked for.
    pub rows: u32,
    /// Who asked.
    pub by: StaffId,
    /// When.
    pub at: Millis,
    /// Who agreed.
    pub agreed_by: Option<StaffId>,
    /// When.
    pub agreed_at: Option<Millis>,
    /// When somebody said no.
    pub refused_at: Option<Millis>,
    /// When it was taken.
    pub fetched_at: Option<Millis>,
}

/// Where a request stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RequestState {
    /// Somebody else has to agree.
    Waiting,
    /// It can be taken, once.
    Agreed,
    /// Somebody said no.
    Refused,
    /// It was taken.
    Taken,
    /// Nobody agreed, or took it, in time.
    Over,
}

impl RequestState {
    /// The word on pages.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "同意待ち",
            Self::Agreed => "受け取れます",
            Self::Refused => "認められませんでした",
            Self::Taken => "受け取り済み",
            Self::Over => "期限切れ",
        }
    }
}

impl ExportRequest {
    /// Where it stands now.
    pub fn state(&self, now: Millis) -> RequestState {
        match (self.refused_at, self.fetched_at, self.agreed_at) {
            (Some(_), ..) => RequestState::Refused,
            (_, Some(_), _) => RequestState::Taken,
            (.., Some(agreed)) if now - agreed < VALID => RequestState::Agreed,
            (.., None) if now - self.at < VALID => RequestState::Waiting,
            _ => RequestState::Over,
        }
    }
}
