//! When a list leaves: what the organisation's rule makes of it, and what the person who confirms it may choose.

use accounts::SignedIn;
use base::clock::{DAY, MINUTE, Millis, SECOND, japan_midnight};
use base::id::{OfficeId, OrgId};
use serde::Deserialize;
use web::form::Choice;
use web::time::JapanTime;
use web::ui::Notice;
use web::{Errors, Field, PageError};

use super::broadcast_words::{moment_in_words, starts_in_words};
use super::list_judged::Chosen;
use super::list_plan::Plan;
use super::{Desk, failed};
use crate::limits::{FIRST_WAVE, REASON_LETTERS, SCHEDULE_DAYS};
use crate::release::{Hours, NewRelease, Reason, Release, SendRule, Told, in_words, parse_time};
use crate::store;

/// What the rule asks of a plan, as far as one can say before it is stored: the start itself looks again.
pub(super) struct Leaving {
    pub(super) reasons: Vec<Reason>,
    pub(super) hold: Millis,
    pub(super) hours: Option<Hours>,
    /// The rule lets a few go first.
    wave_by_rule: bool,
    people: usize,
    now: Millis,
}

impl Leaving {
    pub(super) async fn of(desk: &Desk, session: &SignedIn, plan: &Plan) -> Result<Self, PageError> {
        let (people, warned) = (plan.rows.len(), !plan.warnings.is_empty());
        Self::about(
            desk,
            session.staff.org,
            plan.head.office,
            &plan.template,
            (people, warned),
        )
        .await
    }

    /// The same for so many people of an office, of whom a check warned or not.
    pub(super) async fn about(
        desk: &Desk,
        org: OrgId,
        office: OfficeId,
        template: &Chosen,
        (people, warned): (usize, bool),
    ) -> Result<Self, PageError> {
        let rule = store::send_rule(&desk.db, org).await.map_err(failed)?;
        let approved = store::approved_versions(&desk.db, org, template.id)
            .await
            .map_err(failed)?;
        let is_approved = approved.iter().any(|(version, ..)| *version == template.version);
        let count = u32::try_from(people).unwrap_or(u32::MAX);
        let purpose = template.content.purpose;
        let rule = rule.as_ref();
        let hold = |rule: &SendRule| rule.hold(purpose, desk.sending.hold);
        Ok(Self {
            reasons: rule.map_or_else(Vec::new, |rule| rule.reasons(count, is_approved, warned)),
            hold: rule.map_or(desk.sending.hold, hold),
            hours: rule.and_then(|rule| rule.hours(office, purpose)),
            wave_by_rule: rule
                .and_then(|rule| rule.first_wave.above)
                .is_some_and(|above| count > above),
            people,
            now: desk.db.now(),
        })
    }

    pub(super) fn needs_approval(&self) -> bool {
        !self.reasons.is_empty()
    }

    /// When it would leave if nothing were chosen: after its hold window, in its hours.
    pub(super) fn leaves_at(&self) -> Millis {
        Timing::default().leaves_at(self)
    }

    /// `30秒`; nothing if the first message leaves at once.
    pub(super) fn hold_in_words(&self) -> Option<String> {
        let seconds = u64::try_from(self.hold / SECOND).ok().filter(|hold| *hold > 0);
        seconds.map(web::time::duration)
    }

    /// Until when the hours keep it back, if it is sent now.
    pub(super) fn closed(&self) -> Option<String> {
        let hours = self.hours.filter(|hours| !hours.is_open(self.now))?;
        Some(format!(
            "いまは送信できる時間（{hours}）ではありません。{}。",
            starts_in_words(hours.next_open(self.now), self.now)
        ))
    }

    /// What will happen after the press.
    pub(super) fn notice(&self) -> Notice {
        const GONE: &str = "送られたSMSを呼び戻すことはできません。";
        if self.needs_approval() {
            return Notice::info("送るには、ほかの人の承認が要ります").text(format!(
                "理由: {}。承認されるまで1通も送りません。待っているあいだは取り下げられます。",
                in_words(&self.reasons)
            ));
        }
        match self.hold_in_words() {
            Some(hold) => Notice::info(format!("押したあと{hold}間は取り消せます"))
                .text(format!("そのあいだは1通も送りません。{GONE}")),
            None => Notice::warning("押すとすぐに送り始めます").text(GONE),
        }
    }
}

/// What the form says about it, as it was typed.
#[derive(Deserialize, Default)]
pub(super) struct Timing {
    #[serde(default)]
    day: String,
    #[serde(default)]
    time: String,
    #[serde(default)]
    last_day: String,
    #[serde(default)]
    last_time: String,
    #[serde(default)]
    first_wave: String,
    #[serde(default)]
    any_time: String,
    #[serde(default)]
    any_time_reason: String,
}

/// The fields of it.
pub(super) struct TimingForm {
    pub(super) start: [Field; 2],
    pub(super) last: [Field; 2],
    /// Where the rule does not ask for it anyway, and there are enough people.
    pub(super) first_wave: Option<Field>,
    /// Where there are hours: the choice to send outside of them, and why.
    pub(super) any_time: Option<[Field; 2]>,
    /// What holds without any choice.
    pub(super) told: Vec<String>,
    pub(super) open: bool,
}

impl Timing {
    pub(super) fn form(&self, leaving: &Leaving, errors: &Errors) -> TimingForm {
        let now = leaving.now;
        let day = |name: &str, label: &str, none: &str, value: &str| {
            Field::select(name, label, days(now, none))
                .short()
                .value(value)
                .errors(errors)
        };
        let time = |name: &str, label: &str, value: &str| {
            Field::text(name, label)
                .short()
                .support("「9:00」のように")
                .value(value)
                .errors(errors)
        };
        let mut told: Vec<String> = leaving.closed().into_iter().collect();
        if leaving.wave_by_rule {
            told.push(format!(
                "最初に{FIRST_WAVE}人に送り、届いたことを確かめてから、残りの人に送ります。"
            ));
        }
        let offers_wave = !leaving.wave_by_rule && leaving.people > FIRST_WAVE;
        let choices = [
            &self.day,
            &self.time,
            &self.last_day,
            &self.last_time,
            &self.first_wave,
            &self.any_time,
        ];
        TimingForm {
            start: [
                day("day", "送り始める日", "すぐに", &self.day),
                time("time", "送り始める時刻", &self.time),
            ],
            last: [
                day("last_day", "これより後には送らない日", "期限なし", &self.last_day),
                time("last_time", "これより後には送らない時刻", &self.last_time),
            ],
            first_wave: offers_wave.then(|| {
                let label = format!("まず{FIRST_WAVE}人に送り、届いたら残りの人に送る");
                Field::check("first_wave", &label)
                    .support("1人でも届かないか、時間内に結果が分からないときは止まります。")
                    .value(&self.first_wave)
            }),
            any_time: leaving.hours.map(|hours| {
                let label = format!("送信できる時間（{hours}）の外でも送る");
                [
                    Field::check("any_time", &label).value(&self.any_time),
                    Field::text("any_time_reason", "時間の外でも送る理由")
                        .support("配信の記録に残ります。")
                        .value(&self.any_time_reason)
                        .errors(errors),
                ]
            }),
            told,
            open: choices.iter().any(|typed| !typed.is_empty()),
        }
    }

    /// When it would leave as the form is filled in; at once as long as a chosen moment cannot be read.
    pub(super) fn leaves_at(&self, leaving: &Leaving) -> Millis {
        let mut unread = Errors::default();
        let release = Release {
            scheduled_for: moment(("day", &self.day), ("time", &self.time), leaving.now, &mut unread),
            hours: leaving.hours.filter(|_| self.any_time != "yes"),
            ..Release::default()
        };
        release.leaves_at(leaving.now + leaving.hold)
    }

    /// What was chosen, or every mistake.
    pub(super) fn accept(&self, leaving: &Leaving, plan: &Plan, told: Told) -> Result<NewRelease, Errors> {
        let (now, mut errors) = (leaving.now, Errors::default());
        let scheduled_for = moment(("day", &self.day), ("time", &self.time), now, &mut errors);
        let not_after = moment(
            ("last_day", &self.last_day),
            ("last_time", &self.last_time),
            now,
            &mut errors,
        );
        if let Some(last) = not_after
            && scheduled_for.is_some_and(|first| first >= last)
        {
            let last = moment_in_words(last, now);
            errors.add(
                "last_time",
                format!("送り始める時刻より後にしてください（いまの指定: {last}）。"),
            );
        }
        let any_time = self.any_time_reason(leaving, &mut errors);
        if let Some((hours, last)) = leaving.hours.filter(|_| any_time.is_none()).zip(not_after)
            && hours.next_open(scheduled_for.unwrap_or(now)) >= last
        {
            errors.add(
                "last_time",
                format!("送信できる時間（{hours}）がそれまでに来ないため、1通も送られません。"),
            );
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(NewRelease {
            scheduled_for,
            not_after,
            first_wave: self.first_wave == "yes",
            any_time,
            told,
            seen_lines: plan.seen_lines.clone(),
            urgent_rows: 0,
        })
    }

    fn any_time_reason(&self, leaving: &Leaving, errors: &mut Errors) -> Option<String> {
        if self.any_time != "yes" || leaving.hours.is_none() {
            return None;
        }
        let reason = self.any_time_reason.trim();
        match reason.chars().count() {
            0 => errors.add("any_time_reason", "時間の外でも送る理由を入力してください。"),
            letters if letters > REASON_LETTERS => {
                errors.add(
                    "any_time_reason",
                    format!("理由は{REASON_LETTERS}文字までにしてください。"),
                );
            }
            _ => {}
        }
        Some(reason.to_owned())
    }
}

/// The days that can be chosen. Their values are their beginnings, in minutes: a page that is left open over midnight
/// means the day that it showed.
pub(super) fn days(now: Millis, none: &str) -> Vec<Choice> {
    let today = japan_midnight(now);
    let mut choices = vec![Choice::new("", none)];
    choices.extend((0..=Millis::from(SCHEDULE_DAYS)).map(|days| {
        let at = today + days * DAY;
        let date = JapanTime::from_millis(at).date();
        let label = match days {
            0 => format!("今日 {date}"),
            1 => format!("明日 {date}"),
            _ => date,
        };
        Choice::new(at / MINUTE, label)
    }));
    choices
}

/// The moment that a day and a time name, if they name one in the days ahead.
fn moment(
    (day_name, day): (&str, &str),
    (time_name, time): (&str, &str),
    now: Millis,
    errors: &mut Errors,
) -> Option<Millis> {
    if day.is_empty() && time.trim().is_empty() {
        return None;
    }
    let midnight = day
        .parse::<Millis>()
        .ok()
        .and_then(|minutes| minutes.checked_mul(MINUTE))
        .filter(|at| japan_midnight(*at) == *at);
    let Some(midnight) = midnight else {
        errors.add(day_name, "日も選んでください。");
        return None;
    };
    let Some(minute) = parse_time(time) else {
        errors.add(time_name, "時刻を「9:00」のように入力してください。");
        return None;
    };
    let at = midnight + Millis::from(minute) * MINUTE;
    if at <= now {
        errors.add(time_name, "いまより後の時刻にしてください。");
        return None;
    }
    if at > japan_midnight(now) + Millis::from(SCHEDULE_DAYS + 1) * DAY {
        errors.add(day_name, format!("{SCHEDULE_DAYS}日先までの日を選んでください。"));
        return None;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 14:05:09 in Japan.
    const NOW: Millis = 1_795_323_909_000;

    fn read(day: Millis, time: &str) -> (Option<Millis>, Vec<String>) {
        let mut errors = Errors::default();
        let day = ((japan_midnight(NOW) + day * DAY) / MINUTE).to_string();
        let at = moment(("day", &day), ("time", time), NOW, &mut errors);
        let names = errors.iter().map(|(name, _)| name.to_owned()).collect();
        (at, names)
    }

    #[test]
    fn a_moment_lies_ahead_and_not_too_far() {
        let midnight = japan_midnight(NOW);
        assert_eq!(read(1, "8時").0, Some(midnight + DAY + 480 * MINUTE));
        assert_eq!(read(0, "14:06").0, Some(midnight + 846 * MINUTE));
        assert_eq!(read(0, "14:05").1, ["time"]);
        assert_eq!(read(2, "朝").1, ["time"]);
        assert!(read(30, "23:59").0.is_some());
        assert_eq!(read(31, "0:01").1, ["day"]);
        let mut errors = Errors::default();
        assert_eq!(moment(("day", ""), ("time", ""), NOW, &mut errors), None);
        assert!(errors.is_empty());
        for day in ["", "x", "9223372036854775807", "1"] {
            let mut errors = Errors::default();
            assert_eq!(moment(("day", day), ("time", "9:00"), NOW, &mut errors), None);
            assert!(errors.of("day").is_some(), "{day}");
        }
    }
}
