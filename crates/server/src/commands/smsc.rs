//! `todoke smsc`: the simulated carrier as a server of its own.

use std::process::ExitCode;
use std::time::Duration;

use smpp::pdu::CommandStatus;
use smpp::smsc::{
    Account, Accounts, BindAnswer, CarrierProfile, Cut, CutWhen, MessageIdFormat, ReceiptPlan, Smsc,
    SmscConfig, SubmitAnswer,
};

use super::{Failure, Farewell, smsc_log};
use crate::cli::{IdFormat, Profile, SmscOptions};

pub(crate) async fn run(options: &SmscOptions) -> Result<ExitCode, Failure> {
    let mut farewell = Farewell::expected()?;
    let mut config = config(options);
    if let Some(log) = &options.log {
        let written = smsc_log::witness(log);
        config.witness = Some(written.map_err(Failure::io(format!("{} に書けません", log.display())))?);
    }
    let smsc = Smsc::start(config).await.map_err(Failure::io(format!(
        "{} で待ち受けられません。ほかのプログラムが使っていないか確かめてください",
        options.listen
    )))?;
    println!(
        "模擬の携帯電話会社が {} で待っています。終わるには Ctrl-C を押してください。",
        smsc.address()
    );
    tokio::select! {
        () = farewell.said() => {}
        () = outages(&smsc, options.outage) => {}
    }
    if options.json {
        println!("{}", counters(&smsc));
    }
    Ok(ExitCode::SUCCESS)
}

/// Plays the outage, then waits for ever.
async fn outages(smsc: &Smsc, outage: Option<(u64, u64)>) {
    if let Some((after, length)) = outage {
        tokio::time::sleep(Duration::from_secs(after)).await;
        smsc.set_outage(true);
        tokio::time::sleep(Duration::from_secs(length)).await;
        smsc.set_outage(false);
    }
    std::future::pending::<()>().await;
}

fn counters(smsc: &Smsc) -> serde_json::Value {
    let seen = smsc.counters();
    let refused: serde_json::Map<String, serde_json::Value> = seen
        .refused
        .iter()
        .map(|(status, count)| (format!("0x{:02X}", status.0), (*count).into()))
        .collect();
    serde_json::json!({
        "binds": seen.binds,
        "binds_refused": seen.binds_refused,
        "submits": seen.submits,
        "accepted": seen.accepted,
        "refused": refused,
        "unanswered_peak": seen.unanswered_peak,
        "receipts_sent": seen.receipts_sent,
        "receipts_answered": seen.receipts_answered,
        "receipts_lost": seen.receipts_lost,
    })
}

fn config(options: &SmscOptions) -> SmscConfig {
    let accounts = options.accounts.iter().map(|(system_id, password)| Account {
        system_id: system_id.clone(),
        password: password.clone(),
    });
    let accounts: Vec<Account> = accounts.collect();
    SmscConfig {
        listen: options.listen,
        accounts: if accounts.is_empty() {
            Accounts::Any
        } else {
            Accounts::Only(accounts)
        },
        max_binds: options.max_binds,
        bind_answer: match (options.refuse_binds, options.ignore_binds) {
            (Some(status), _) => BindAnswer::Refuse(CommandStatus(status)),
            (None, true) => BindAnswer::Never,
            (None, false) => BindAnswer::Judge,
        },
        seed: options.seed,
        first_message_id: options.first_message_id,
        message_id: id_format(options.message_ids),
        receipt_message_id: id_format(options.receipt_ids),
        answer_delay: Duration::from_millis(options.answer_delay),
        submit_answer: if options.never_answer {
            SubmitAnswer::Never
        } else {
            SubmitAnswer::Judge
        },
        receipts: receipts(options),
        throttle_rate: options.throttle_rate,
        throttle_every: options.throttle_every,
        cut: options.cut_every.map(|every| Cut {
            every,
            when: if options.cut_after_answer {
                CutWhen::AfterAnswer
            } else {
                CutWhen::BeforeAnswer
            },
        }),
        profile: options.profile.map(|profile| match profile {
            Profile::Docomo => CarrierProfile::Docomo,
            Profile::Au => CarrierProfile::Au,
            Profile::Softbank => CarrierProfile::SoftBank,
            Profile::Rakuten => CarrierProfile::Rakuten,
        }),
        replies: options.replies.clone(),
        ..SmscConfig::default()
    }
}

fn receipts(options: &SmscOptions) -> ReceiptPlan {
    ReceiptPlan {
        undelivered: options.undelivered,
        expired: options.expired,
        rejected: options.rejected,
        none: options.silent,
        delay_min: Duration::from_millis(options.receipt_delay.0),
        delay_max: Duration::from_millis(options.receipt_delay.1),
        duplicates: options.duplicates,
        reversed: options.reversed,
        early: options.early,
        ..ReceiptPlan::default()
    }
}

fn id_format(format: IdFormat) -> MessageIdFormat {
    match format {
        IdFormat::Decimal => MessageIdFormat::Decimal,
        IdFormat::Hexadecimal => MessageIdFormat::Hexadecimal,
        IdFormat::LeadingZeros => MessageIdFormat::LeadingZeros,
    }
}
