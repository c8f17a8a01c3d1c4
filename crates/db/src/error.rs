use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong between us and the database. The words are for the operator and say what to do.
#[derive(Debug, Error)]
pub enum DbError {
    /// The address is neither `sqlite:PATH` nor `postgres://…`.
    #[error(
        "データベースの指定「{0}」が読めません。sqlite:ファイル名 または postgres://… の形で指定してください。"
    )]
    Address(String),
    /// The address asks for an encryption that cannot be given.
    #[error("PostgreSQL への接続を暗号化できません（{0}）。")]
    Encryption(String),
    /// The database cannot be reached or opened.
    #[error("データベースに接続できません（{0}）。場所と権限、サーバーの状態を確かめてください。")]
    Unavailable(String),
    /// A newer Todoke has been here.
    #[error(
        "このデータベースは新しい版の届け（スキーマ {found}）で使われています。この版が知っているのは {known} までです。新しい版の todoke を使ってください。"
    )]
    NewerSchema {
        /// Version found in the database.
        found: i64,
        /// Newest version inside this binary.
        known: i64,
    },
    /// A migration that was applied is not the one in this binary.
    #[error(
        "データベースの移行 {0} が、この版に入っているものと違います。正しい版の todoke を使ってください。"
    )]
    ChangedMigration(i64),
    /// The database exists, its key file does not.
    #[error(
        "データベースの鍵ファイル {} がありません。このデータベースを作ったときの鍵ファイルを --key-file で指定してください。鍵は新しく作れません。",
        .0.display()
    )]
    MissingKey(PathBuf),
    /// The key file is there, but it is another database's.
    #[error("鍵ファイル {} は、このデータベースの鍵ではありません。このデータベースを作ったときの鍵ファイルを指定してください。", .0.display())]
    WrongKey(PathBuf),
    /// The key file cannot be read or written, or is not one of ours.
    #[error("鍵ファイル {} を使えません（{reason}）。", path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A uniqueness or other rule of the schema refused the write.
    #[error("データベースの規則に反する書き込みです（{0}）。")]
    Constraint(String),
    /// Another transaction was in the way; the same write may be tried again.
    #[error("データベースの書き込みが競合しました（{0}）。もう一度お試しください。")]
    Conflict(String),
    /// The connection that proved our ownership is gone: others may have taken our work over.
    #[error("データベースとの接続が切れたため、この処理の担当ではなくなりました。")]
    OwnershipLost,
    /// A sealed value does not open: changed, moved to another row, or sealed with another key.
    #[error("暗号化された値を開けません（{0}）。データベースの内容が書き換えられたか、鍵が違います。")]
    Sealed(&'static str),
    /// The write itself thought better of it: nothing of it stands, and its caller knows why.
    #[error("書き込みを取りやめました。")]
    Withdrawn,
    /// A statement failed: a fault in the program.
    #[error("データベースの処理に失敗しました（{0}）。")]
    Statement(String),
}

impl DbError {
    /// Whether the same write may simply be run once more.
    pub(crate) fn is_retryable(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        let words = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => Self::Constraint(words),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Conflict(words),
            Some(
                ErrorCode::CannotOpen
                | ErrorCode::NotADatabase
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied,
            ) => Self::Unavailable(words),
            _ => Self::Statement(words),
        }
    }
}

impl From<tokio_postgres::Error> for DbError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(server) = error.as_db_error() else {
            // What lies below says why: a refused certificate, a refused connection.
            let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}"));
            return Self::Unavailable(format!("{error}{}", cause.unwrap_or_default()));
        };
        let words = format!("{} ({})", server.message(), server.code().code());
        match server.code().code() {
            "40001" | "40P01" | "55P03" => Self::Conflict(words),
            code if code.starts_with("23") => Self::Constraint(words),
            code if code.starts_with("08") || code.starts_with("57P") => Self::Unavailable(words),
            _ => Self::Statement(words),
        }
    }
}
