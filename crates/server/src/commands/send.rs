//! `todoke send`: a list file becomes delivered messages, and every row is accounted for.
//!
//! The command may be given again at any time, also right after kill -9: rows are recognised by what they
//! would do, what was unfinished is finished, and nothing is sent twice. A second live command on the same
//! SQLite file follows the first, and takes over when it ends.

mod known;
mod progress;
mod rows;
mod run;

use std::io::{self, BufWriter};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use accounts::Accounts;
use base::clock::{Clock, Millis};
use base::id::{BroadcastId, OfficeId, OrgId};
use carrier::CarrierAccount;
use db::{Db, OpenOptions};
use lists::check::{Check, Checked};
use lists::code::Severity;
use lists::contacts::Purpose;
use messaging::broadcast::{
    self, Horizon, Lane, LeftOutRow, NewBroadcast, Origin, Refusal, Resend, StartError,
};
use messaging::release::{NewRelease, Told};
use messaging::report::{CsvReport, JsonReport, Report, ReportHead, XlsxReport};
use messaging::stage::BroadcastStage;
use smpp::session::BindConfig;
use smpp::smsc::{Smsc, SmscConfig};

use self::rows::{ListRows, ReportError, SentRows};
use super::organisation::chosen;
use super::{Failure, list};
use crate::cli::SendOptions;

pub(crate) async fn run(options: SendOptions) -> Result<ExitCode, Failure> {
    if options.carrier.carriers.is_empty() && !options.carrier.simulate {
        return Err(Failure::WrongUse(
            "携帯電話会社の接続先がありません。--carrier smpp://… を指定してください。試すだけなら --simulate を付けると、実際には送らずに動きを確かめられます。"
                .to_owned(),
        ));
    }
    let (sheet, mut brief) = match list::load(&options.list)? {
        Ok(list) => list,
        Err(problems) => return unusable(&options, &Checked::refused(&problems)),
    };
    brief.counting = options.carrier.newline_units;
    let check = Check::new(sheet, brief);
    if check.summary.sendable == 0 || (check.summary.errors > 0 && !options.yes) {
        return refused(&options, &check);
    }
    list::describe(&check, io::stderr().lock()).map_err(Failure::io("進み具合を書けません"))?;
    let database = OpenOptions {
        url: options.database.database.clone(),
        key_file: options.database.key_file(),
        clock: Clock::System,
    };
    let db = Db::open(&database).await?;
    let accounts = Accounts::new(db.clone(), false);
    let org = chosen(&accounts, options.organisation.as_deref()).await?;
    let judged = known::horizon(&db, &options).await?;
    let check = known::ask(&db, org, check, &options).await?;
    if check.summary.sendable == 0 || (check.summary.errors > 0 && !options.yes) {
        return refused(&options, &check);
    }
    let (_smsc, lines) = carriers(&options).await?;
    let check = Arc::new(check);
    let new = new_broadcast((&db, org), &options, judged, &check).await?;
    let started = match broadcast::start(&db, new).await {
        Err(StartError::AllLeftOut(left_out)) => return overtaken(&options, &check, &left_out),
        Err(StartError::Refused(refusal)) => return not_from_here(&options, &check, &refusal),
        started => started?,
    };
    let sent = SentRows::new(org, check, started);
    if let Some(words) = sent.left_out_words() {
        eprintln!("{words}");
    }
    let told = run::until_settled(&db, &options, &lines, &sent).await?;
    let report = begin_report(&options, Some(sent.broadcast))?;
    let tally = sent.report(&db, report).await.map_err(|error| match error {
        ReportError::Database(error) => error.into(),
        ReportError::Write(error) => Failure::io("結果を書けません")(error),
    })?;
    eprintln!("{}", rows::summary_words(&tally, options.carrier.simulate));
    if let Some(words) = told {
        eprintln!("{words}");
    }
    Ok(rows::exit_code(&tally))
}

/// Nothing is sent, because the list as a whole cannot be used.
fn unusable(options: &SendOptions, refused: &Checked) -> Result<ExitCode, Failure> {
    list::describe_refused(refused, io::stderr().lock()).map_err(Failure::io("結果を書けません"))?;
    eprintln!("何も送っていません。上の点を直して、もう一度実行してください。");
    let report = begin_report(options, None)?;
    report.end().map_err(Failure::io("結果を書けません"))?;
    Ok(ExitCode::FAILURE)
}

/// It may not be sent, or not from here. Nothing is stored.
fn not_from_here(options: &SendOptions, check: &Check, refusal: &Refusal) -> Result<ExitCode, Failure> {
    eprintln!("{refusal}{}", refusal.advice());
    let mut report = begin_report(options, None)?;
    rows::all_kept_back(check, &mut report, &refusal.to_string())
        .and_then(|()| report.end())
        .map_err(Failure::io("結果を書けません"))?;
    Ok(ExitCode::FAILURE)
}

/// Nothing is sent; the report says so of every row.
fn refused(options: &SendOptions, check: &Check) -> Result<ExitCode, Failure> {
    list::describe(check, io::stderr().lock()).map_err(Failure::io("結果を書けません"))?;
    eprintln!(
        "{}",
        if check.stopped() {
            "行の中身が入れ替わっているおそれがあるため、何も送っていません。元のリストを確かめて、もう一度実行してください。"
        } else if check.summary.sendable == 0 {
            "送信できる行がないため、何も送っていません。リストを直して、もう一度実行してください。"
        } else {
            "誤りのある行があるため、何も送っていません。リストを直すか、--yes を付けると正しい行だけを送れます。"
        }
    );
    report_kept_back(options, check, &[])
}

/// Nothing is sent, because between check and sending every row was closed or written to by somebody else.
fn overtaken(options: &SendOptions, check: &Check, left_out: &[LeftOutRow]) -> Result<ExitCode, Failure> {
    eprintln!("{}", StartError::AllLeftOut(Vec::new()));
    report_kept_back(options, check, left_out)
}

fn report_kept_back(
    options: &SendOptions,
    check: &Check,
    left_out: &[LeftOutRow],
) -> Result<ExitCode, Failure> {
    let mut report = begin_report(options, None)?;
    rows::kept_back(check, left_out, &mut report)
        .and_then(|()| report.end())
        .map_err(Failure::io("結果を書けません"))?;
    Ok(ExitCode::FAILURE)
}

/// The accounts to send through; with `--simulate` a carrier of our own, over a real socket.
async fn carriers(options: &SendOptions) -> Result<(Option<Smsc>, Vec<CarrierAccount>), Failure> {
    if !options.carrier.simulate {
        return Ok((None, options.carrier.carriers.clone()));
    }
    let (smsc, account) = simulated_carrier().await?;
    Ok((Some(smsc), vec![account]))
}

/// A simulated carrier on a free port of this machine. Its ids never repeat, so that they may be kept.
pub(crate) async fn simulated_carrier() -> Result<(Smsc, CarrierAccount), Failure> {
    let first_message_id = u64::try_from(Clock::System.now()).unwrap_or_default() << 20;
    let config = SmscConfig {
        first_message_id,
        ..SmscConfig::default()
    };
    let smsc = Smsc::start(config)
        .await
        .map_err(Failure::io("模擬の携帯電話会社を始められません"))?;
    let address = smsc.address();
    let bind = BindConfig::new(&address.ip().to_string(), address.port(), "simulate", "simulate");
    Ok((smsc, CarrierAccount::new(bind)))
}

async fn new_broadcast(
    (db, org): (&Db, OrgId),
    options: &SendOptions,
    judged: Horizon,
    check: &Arc<Check>,
) -> Result<NewBroadcast, Failure> {
    let file_name = options
        .list
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let resend = options.resend.zip(options.resend_reason.clone());
    Ok(NewBroadcast {
        org,
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: file_name.unwrap_or_default(),
        origin: Origin::CommandLine,
        stage: BroadcastStage::Live,
        simulated: options.carrier.simulate,
        purpose: options.purpose.unwrap_or(Purpose::FirstTouch),
        lane: Lane::FirstTouch,
        sender: options.carrier.sender.clone(),
        segmentation: options.carrier.long_messages.into(),
        hold: Millis::try_from(options.hold.as_millis()).unwrap_or(Millis::MAX / 2),
        created_by: None,
        resend: resend.map(|(scope, reason)| Resend {
            scope: scope.into(),
            reason,
        }),
        judged,
        replaces: None,
        release: NewRelease {
            told: Told {
                warnings: warnings(check),
                ..Told::default()
            },
            ..NewRelease::default()
        },
        rows: Arc::new(ListRows::new(Arc::clone(check), db.vault(org).await?)),
    })
}

/// What the check warned of: a reason to have it approved, where the rule says so.
fn warnings(check: &Check) -> Vec<String> {
    let integrity = check.integrity().iter().map(|one| (one.severity, &one.message));
    let findings = check.findings.iter().map(|one| (one.severity, &one.message));
    let of_list = integrity
        .chain(findings)
        .filter(|(severity, _)| *severity == Severity::Warning)
        .map(|(_, message)| message.clone());
    let count = check.summary.warnings;
    let of_rows = (count > 0).then(|| format!("検査で注意が出た行: {count}行"));
    of_list.chain(of_rows).collect()
}

/// The report in every form that was asked for.
fn begin_report(options: &SendOptions, broadcast: Option<BroadcastId>) -> Result<Report<'static>, Failure> {
    let head = ReportHead {
        broadcast: broadcast.map(BroadcastId::get),
        simulated: options.carrier.simulate,
    };
    let mut report = Report::default();
    if let Some(path) = &options.report {
        add_file(&mut report, path, head).map_err(Failure::io(format!(
            "結果をファイル {} に書けません",
            path.display()
        )))?;
    }
    if options.json {
        let form = JsonReport::begin(BufWriter::new(io::stdout()), head);
        report.add(form.map_err(Failure::io("結果を書けません"))?);
    }
    Ok(report)
}

fn add_file(report: &mut Report<'_>, path: &Path, head: ReportHead) -> io::Result<()> {
    let file = BufWriter::new(std::fs::File::create(path)?);
    let workbook = path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("xlsx"));
    if workbook {
        report.add(XlsxReport::begin(file, head)?);
    } else {
        report.add(CsvReport::begin(file, head)?);
    }
    Ok(())
}
