//! `todoke audit verify`: whether the audit trail is as it was written. `todoke audit export`: the sealed trail as a
//! file that can be recounted.

use std::fs::{self, OpenOptions};
use std::io::{BufWriter, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use accounts::Accounts;
use accounts::audit::{Action, Entry, record_alone};
use accounts::chain::Checkpoint;
use accounts::sealer::{Unsigned, organisations, read_checkpoints, verify};
use accounts::trail_file::{self, TrailFileError};
use accounts::trail_watch::{raise_broken, raise_unsigned};
use base::clock::{DAY, Millis};
use base::id::OrgId;
use db::{Db, DbError};
use web::time::JapanTime;

use super::organisation::chosen;
use super::{Failure, serve};
use crate::cli::{AuditCommand, AuditOptions, DatabaseOptions};

/// Something was changed.
const BROKEN: u8 = 2;

const EXPORT: Action = Action {
    code: "admin.audit_export",
    label: "封印した監査の記録を書き出した（コマンド）",
};
/// All of them, for the page of the trail.
pub(crate) const ACTIONS: &[Action] = &[EXPORT];

pub(crate) async fn run(options: AuditOptions) -> Result<ExitCode, Failure> {
    let AuditOptions { database, command } = options;
    let db = serve::open(&database).await?;
    match command {
        AuditCommand::Verify { checkpoints } => verify_all(&db, &database, checkpoints).await,
        AuditCommand::Export {
            organisation,
            from,
            to,
            file,
        } => {
            let accounts = Accounts::new(db.clone(), false);
            let org = chosen(&accounts, organisation.as_deref()).await?;
            export(&db, org, (from, to), &file).await
        }
    }
}

/// The entry comes first: what cannot be recorded is not written.
async fn export(db: &Db, org: OrgId, (from, to): (Millis, Millis), file: &Path) -> Result<ExitCode, Failure> {
    if to < from {
        return Err(Failure::WrongUse(
            "--to には --from より後の日を指定してください。".to_owned(),
        ));
    }
    let wrong = || Failure::io(format!("{} を作れません", file.display()));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut out = BufWriter::new(options.open(file).map_err(wrong())?);
    let days = [from, to].map(|day| JapanTime::from_millis(day).machine());
    let days = days.map(|day| day.chars().take(10).collect::<String>());
    let entry = Entry::of(EXPORT).with(format!("{}から{}まで", days[0], days[1]));
    record_alone(db, org, entry).await?;
    let rows = match trail_file::write(db, org, (from, to + DAY), &mut out).await {
        Ok(rows) => rows,
        Err(TrailFileError::Db(error)) => return Err(error.into()),
        Err(TrailFileError::File(error)) => return Err(wrong()(error)),
    };
    println!("{rows}件の記録を {} に書き出しました。", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn verify_all(
    db: &Db,
    database: &DatabaseOptions,
    checkpoints: Vec<PathBuf>,
) -> Result<ExitCode, Failure> {
    let files = if checkpoints.is_empty() {
        vec![database.checkpoints()]
    } else {
        checkpoints
    };
    let (mut marks, mut unsigned) = (Vec::new(), Vec::new());
    for file in &files {
        let (read, bad) = checkpoints_of(db, file)?;
        marks.extend(read);
        unsigned.extend(bad);
    }
    let mut whole = unsigned.is_empty();
    for org in organisations(db).await? {
        let verified = verify(db, org, &marks).await?;
        println!(
            "組織 {org}: {}件の記録を検証しました（署名 {}件と照合、封印待ち {}件）。",
            verified.reached, verified.checkpoints, verified.waiting
        );
        if let Some(broken) = &verified.broken {
            println!("組織 {org}: 壊れています。{broken}。");
            whole = false;
            told(org, raise_broken(db, org, broken).await);
        }
        for line in &unsigned {
            told(org, raise_unsigned(db, org, line).await);
        }
    }
    if whole {
        println!("監査の記録は、書かれたときのままです。");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(ExitCode::from(BROKEN))
}

/// Says whether there is an alarm now. The finding stands, whether or not it can be written down.
fn told(org: OrgId, raised: Result<bool, DbError>) {
    match raised {
        Ok(true) => println!("組織 {org}: 管理者と監査担当のホームに警告を出しました。"),
        Ok(false) => {}
        Err(error) => println!("組織 {org}: ホームに警告を出せませんでした（{error}）。"),
    }
}

/// The checkpoints of a file, and the lines that are none.
fn checkpoints_of(db: &Db, file: &Path) -> Result<(Vec<Checkpoint>, Vec<Unsigned>), Failure> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            println!(
                "{} がありません。末尾の切り取りと、鎖の作り直しは分かりません。",
                file.display()
            );
            return Ok((Vec::new(), Vec::new()));
        }
        Err(error) => {
            return Err(Failure::io(format!("{} を読めません", file.display()))(
                error,
            ));
        }
    };
    let (marks, bad) = read_checkpoints(db, &text);
    for line in &bad {
        println!(
            "{} の{}行目の署名が合いません。書き換えられたか、別の鍵のものです。",
            file.display(),
            line.number
        );
    }
    Ok((marks, bad))
}
