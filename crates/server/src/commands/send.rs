//! `todoke send`: a list file becomes delivered messages, and every row is accounted for.
//!
//! The command may be given again at any time, also right after kill -9: rows are recognised by what they
//! would do, what was unfinished is finished, and nothing is sent twice. A second live command on the same
//! SQLite file follows the first, and takes over when it ends.

mod progress;
mod rows;
mod run;

use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use base::clock::{Clock, Millis};
use base::id::{OfficeId, OrgId};
use carrier::CarrierAccount;
use db::{Db, OpenOptions};
use lists::check::Checked;
use messaging::broadcast::{self, Lane, NewBroadcast, Origin, Resend};
use messaging::report::Report;
use smpp::session::BindConfig;
use smpp::smsc::{Smsc, SmscConfig};

use self::rows::SentRows;
use super::{Failure, list};
use crate::cli::SendOptions;

pub(crate) async fn run(options: SendOptions) -> Result<ExitCode, Failure> {
    if options.carrier.carriers.is_empty() && !options.carrier.simulate {
        return Err(Failure::WrongUse(
            "携帯電話会社の接続先がありません。--carrier smpp://… を指定してください。試すだけなら --simulate を付けると、実際には送らずに動きを確かめられます。"
                .to_owned(),
        ));
    }
    let mut checked = match list::load(&options.list)? {
        Ok(checked) => checked,
        Err(problems) => return refused(&options, &Checked::refused(&problems)),
    };
    if checked.summary.sendable == 0 || (checked.summary.errors > 0 && !options.yes) {
        return refused(&options, &checked);
    }
    list::describe(&checked, io::stderr().lock()).map_err(Failure::io("進み具合を書けません"))?;
    let database = OpenOptions {
        url: options.database.database.clone(),
        key_file: options.database.key_file(),
        clock: Clock::System,
    };
    let db = Db::open(&database).await?;
    let (_smsc, accounts) = carriers(&options).await?;
    let started = broadcast::start(&db, new_broadcast(&options, &mut checked)).await?;
    let sent = SentRows::new(&checked, &started);
    drop(checked);
    let told = run::until_settled(&db, &options, &accounts, &sent).await?;
    let report = sent.report(&db, options.carrier.simulate).await?;
    write_report(&options, &report)?;
    eprintln!("{}", rows::summary_words(&report));
    if let Some(words) = told {
        eprintln!("{words}");
    }
    Ok(rows::exit_code(&report))
}

/// Nothing is sent; the report says so of every row.
fn refused(options: &SendOptions, checked: &Checked) -> Result<ExitCode, Failure> {
    list::describe(checked, io::stderr().lock()).map_err(Failure::io("結果を書けません"))?;
    let unusable = checked.rows.is_empty();
    eprintln!(
        "{}",
        if unusable {
            "何も送っていません。上の点を直して、もう一度実行してください。"
        } else if checked.summary.sendable == 0 {
            "送信できる行がないため、何も送っていません。リストを直して、もう一度実行してください。"
        } else {
            "誤りのある行があるため、何も送っていません。リストを直すか、--yes を付けると正しい行だけを送れます。"
        }
    );
    write_report(
        options,
        &Report::new(None, options.carrier.simulate, rows::kept_back(checked)),
    )?;
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

fn new_broadcast(options: &SendOptions, checked: &mut Checked) -> NewBroadcast {
    let file_name = options
        .list
        .file
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    let resend = options.resend.zip(options.resend_reason.clone());
    NewBroadcast {
        org: OrgId::FIRST,
        office: OfficeId::HEADQUARTERS,
        list: None,
        template: None,
        file_name: file_name.unwrap_or_default(),
        origin: Origin::CommandLine,
        simulated: options.carrier.simulate,
        lane: Lane::FirstTouch,
        sender: options.carrier.sender.clone(),
        segmentation: options.carrier.long_messages.into(),
        hold: Millis::try_from(options.hold.as_millis()).unwrap_or(Millis::MAX / 2),
        created_by: None,
        resend: resend.map(|(scope, reason)| Resend {
            scope: scope.into(),
            reason,
        }),
        rows: rows::outgoing(checked),
    }
}

fn write_report(options: &SendOptions, report: &Report) -> Result<(), Failure> {
    if let Some(path) = &options.report {
        write_file(path, report).map_err(Failure::io(format!(
            "結果をファイル {} に書けません",
            path.display()
        )))?;
    }
    if options.json {
        let mut out = BufWriter::new(io::stdout().lock());
        serde_json::to_writer(&mut out, report)
            .map_err(io::Error::from)
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush())
            .map_err(Failure::io("結果を書けません"))?;
    }
    Ok(())
}

fn write_file(path: &Path, report: &Report) -> io::Result<()> {
    let file = BufWriter::new(std::fs::File::create(path)?);
    if path
        .extension()
        .is_some_and(|end| end.eq_ignore_ascii_case("xlsx"))
    {
        report.write_xlsx(file).map_err(io::Error::other)
    } else {
        report.write_csv(file)
    }
}
