//! What the home page warns of because of answers: signs of danger that nobody has handled.

use accounts::{Permission, Staff};
use db::Db;
use messaging::pages::{HomeAlarm, HomeAlarms, failed, scope};
use web::time::JapanTime;

use crate::store::alerts::count_alerts;

/// For the home page, which knows no cases.
pub fn warn_at_home() -> HomeAlarms {
    HomeAlarms::new(|db, staff| Box::pin(alarms(db, staff)))
}

async fn alarms(db: Db, staff: Staff) -> Result<Vec<HomeAlarm>, web::PageError> {
    if !staff.may(Permission::SeeCases) {
        return Ok(Vec::new());
    }
    let (open, since) = count_alerts(&db, staff.org, scope(&staff))
        .await
        .map_err(failed)?;
    let Some(since) = since.filter(|_| open > 0) else {
        return Ok(Vec::new());
    };
    Ok(vec![HomeAlarm {
        title: format!("回答に緊急の症状や電話の希望があります: {open}件"),
        text: format!(
            "いちばん早いものは{}からです。すぐに電話して様子を確かめ、患者の記録で「対応した」と記録してください。",
            JapanTime::from_millis(since).short()
        ),
        href: "/observation?view=alerts".to_owned(),
        label: "対応を待つ人を見る",
    }])
}
