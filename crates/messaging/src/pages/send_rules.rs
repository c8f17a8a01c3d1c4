//! `GET /organisation/sending`, `POST /organisation/sending`: what the organisation asks before messages leave. Every
//! save is a version with the day from which it holds; none is ever changed.

use std::collections::{BTreeMap, HashMap};

use accounts::{Office, SignedIn};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::clock::{MINUTE, Millis, SECOND, japan_midnight};
use base::id::OfficeId;
use web::form::{Choice, Field};
use web::number::grouped;
use web::ui::Notice;
use web::{CsrfForm, Errors, Page, Shell, after_post_with};

use super::list_timing::days;
use super::send_rule_words::words;
use super::{Answer, Desk, failed, names};
use crate::limits::{HOLD_MINUTES, HOURS_ENTRIES, PATIENCE_MINUTES, RULES_SHOWN};
use crate::release::{ApprovalRule, FirstWaveRule, Hours, HoursFor, SendRule, parse_time, time_in_words};
use crate::store::{self, KeptRule};
use crate::template::Purpose;

/// Hold windows that are offered, in seconds.
const HOLDS: [u64; 7] = [0, 30, 60, 120, 180, 300, 600];
/// Empty lines for more hours.
const MORE: usize = 2;

#[derive(Template)]
#[template(path = "send_rules.html")]
struct SendRules {
    shell: Shell,
    version: i64,
    /// Nothing is asked yet.
    none: bool,
    from: Field,
    approval: Vec<Field>,
    holds: Vec<Field>,
    wave: Vec<Field>,
    hours: Vec<HoursLine>,
    history: Vec<Line>,
}

/// A line of the table of hours; the first is for everybody.
struct HoursLine {
    number: usize,
    whom: Option<[Field; 2]>,
    times: [Field; 2],
}

struct Line {
    version: i64,
    from: Millis,
    in_force: bool,
    ahead: bool,
    by: String,
    at: Millis,
    words: Vec<String>,
}

/// What the person typed, by the names of the fields.
struct Typed(HashMap<String, String>);

impl Typed {
    /// The form as it stands before anybody changes it.
    fn of(rule: &SendRule, version: i64) -> Self {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        let check = |yes: bool| if yes { "yes" } else { "" }.to_owned();
        let mut fields = HashMap::from([
            ("version".to_owned(), version.to_string()),
            ("above".to_owned(), number(rule.approval.above)),
            ("new_version".to_owned(), check(rule.approval.new_version)),
            ("warnings".to_owned(), check(rule.approval.warnings)),
            ("always".to_owned(), check(rule.approval.always)),
            ("wave_above".to_owned(), number(rule.first_wave.above)),
            (
                "patience".to_owned(),
                (rule.first_wave.patience / MINUTE).to_string(),
            ),
        ]);
        for (purpose, hold) in &rule.holds {
            fields.insert(hold_field(*purpose), (hold / SECOND).to_string());
        }
        let is_general = |one: &&HoursFor| one.office.is_none() && one.purpose.is_none();
        let (general, others): (Vec<&HoursFor>, Vec<&HoursFor>) = rule.hours.iter().partition(is_general);
        let general = general.into_iter().take(1).map(|one| (0, one));
        for (number, one) in general.chain((1_usize..).zip(others)) {
            let mut put = |name: &str, value: String| fields.insert(format!("{name}-{number}"), value);
            put("office", one.office.map(|id| id.to_string()).unwrap_or_default());
            put(
                "purpose",
                one.purpose.map(Purpose::as_str).unwrap_or_default().to_owned(),
            );
            // A general line without hours stays empty.
            let whole = Hours::new(0, 24 * 60).filter(|_| number > 0);
            if let Some(hours) = one.hours.or(whole) {
                put("opens", time_in_words(hours.opens()));
                put("closes", time_in_words(hours.closes()));
            }
        }
        Self(fields)
    }

    fn field(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    fn yes(&self, name: &str) -> bool {
        self.field(name) == "yes"
    }

    fn number(&self, name: &str, most: i64, errors: &mut Errors) -> Option<i64> {
        let digits: String = self.field(name).chars().map(narrow).collect();
        if digits.is_empty() {
            return None;
        }
        let number = digits.parse().ok().filter(|number| (0..=most).contains(number));
        if number.is_none() {
            errors.add(
                name,
                format!(
                    "0から{}までの数字を入力してください。",
                    grouped(most.unsigned_abs())
                ),
            );
        }
        number
    }

    /// How many lines of hours the form has.
    fn lines(&self) -> usize {
        let numbers = self.0.keys().filter_map(|name| name.strip_prefix("opens-"));
        let last = numbers.filter_map(|number| number.parse::<usize>().ok()).max();
        last.unwrap_or(0).min(HOURS_ENTRIES)
    }

    /// The rule, or every mistake.
    fn accept(&self, offices: &[Office]) -> Result<SendRule, Errors> {
        let mut errors = Errors::default();
        let count = |name: &str, errors: &mut Errors| {
            let number = self.number(name, i64::from(u32::MAX), errors)?;
            u32::try_from(number).ok()
        };
        let approval = ApprovalRule {
            above: count("above", &mut errors),
            new_version: self.yes("new_version"),
            warnings: self.yes("warnings"),
            always: self.yes("always"),
        };
        let above = count("wave_above", &mut errors);
        let patience = self.number("patience", PATIENCE_MINUTES, &mut errors);
        if errors.of("patience").is_none() && patience.unwrap_or(0) == 0 {
            errors.add("patience", "何分まで待つかを、1以上の数字で入力してください。");
        }
        let mut holds = BTreeMap::new();
        for purpose in Purpose::ALL {
            let name = hold_field(purpose);
            if let Some(seconds) = self.number(&name, HOLD_MINUTES * 60, &mut errors) {
                holds.insert(purpose, seconds * SECOND);
            }
        }
        let hours = (0..=self.lines()).filter_map(|number| self.hours(number, offices, &mut errors));
        let hours: Vec<HoursFor> = hours.collect();
        for (at, one) in hours.iter().enumerate() {
            let is_same = |other: &&HoursFor| (other.office, other.purpose) == (one.office, one.purpose);
            if hours[..at].iter().any(|other| is_same(&other)) {
                errors.add(
                    "opens-0",
                    "同じ部署・同じ目的の時間が2行あります。1行にしてください。",
                );
            }
        }
        if errors.is_empty() {
            Ok(SendRule {
                approval,
                holds,
                first_wave: FirstWaveRule {
                    above,
                    patience: patience.unwrap_or(1) * MINUTE,
                },
                hours,
            })
        } else {
            Err(errors)
        }
    }

    /// One line of hours; nothing if it is empty.
    fn hours(&self, number: usize, offices: &[Office], errors: &mut Errors) -> Option<HoursFor> {
        let name = |field: &str| format!("{field}-{number}");
        let typed = |field: &str| self.field(&name(field));
        let office = typed("office").parse().ok().map(OfficeId::new);
        let office = office.filter(|id| offices.iter().any(|office| office.id == *id));
        let purpose = Purpose::from_word(typed("purpose"));
        if (typed("opens"), typed("closes")) == ("", "") {
            if office.is_some() || purpose.is_some() {
                errors.add(
                    name("opens"),
                    "時刻を入力してください。いつでも送れるときは、0:00から24:00までとします。",
                );
            }
            return None;
        }
        let hours = parse_time(typed("opens"))
            .zip(parse_time(typed("closes")))
            .and_then(|(opens, closes)| Hours::new(opens, closes));
        if hours.is_none() {
            errors.add(
                name("opens"),
                "始まりと終わりの時刻を「8:00」「20:00」のように、始まりが先になるように入力してください。",
            );
        } else if number > 0 && office.is_none() && purpose.is_none() {
            errors.add(
                name("opens"),
                "部署か目的を選んでください。すべてに当てはまる時間は、1行目に入力します。",
            );
        }
        Some(HoursFor {
            office,
            purpose,
            hours: Some(hours?),
        })
    }

    /// From when on it holds: now, or the beginning of a day ahead.
    fn from(&self, now: Millis) -> Millis {
        let minutes: Option<Millis> = self.field("from").parse().ok();
        minutes
            .and_then(|minutes| minutes.checked_mul(MINUTE))
            .filter(|at| japan_midnight(*at) == *at)
            .map_or(now, |at| at.max(now))
    }
}

fn hold_field(purpose: Purpose) -> String {
    format!("hold-{}", purpose.as_str())
}

/// A full-width digit as a plain one.
fn narrow(c: char) -> char {
    match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        _ => c,
    }
}

pub(super) async fn show(State(desk): State<Desk>, session: SignedIn, shell: Shell) -> Answer {
    let kept = kept(&desk, &session).await?;
    let shell = match shell.done() {
        Some("saved") => shell
            .with_notice(Notice::success("送信の決まりを保存しました").text(
                "決めた時から、新しく確認される送信に使われます。すでに確認された送信は変わりません。",
            )),
        _ => shell,
    };
    let typed = newest(&kept);
    page(&desk, &session, shell, &kept, &typed, Errors::default()).await
}

pub(super) async fn submit(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    CsrfForm(fields): CsrfForm<HashMap<String, String>>,
) -> Answer {
    session.fresh()?;
    let typed = Typed(fields);
    let (org, by) = (session.staff.org, session.staff.id);
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let rule = match typed.accept(&offices) {
        Ok(rule) => rule,
        Err(errors) => {
            let kept = kept(&desk, &session).await?;
            return Ok(refused(
                page(&desk, &session, shell, &kept, &typed, errors).await?,
            ));
        }
    };
    let seen = typed.field("version").parse().unwrap_or(-1);
    let from = typed.from(desk.db.now());
    let saved = store::save_send_rule(&desk.db, org, seen, &rule, from, Some(by))
        .await
        .map_err(failed)?;
    if saved {
        return Ok(after_post_with("/organisation/sending", "saved").into_response());
    }
    let kept = kept(&desk, &session).await?;
    let notice = Notice::error("ほかの人が先に送信の決まりを変えました")
        .text("下には、保存されている今の決まりを出しています。内容を確かめて、もう一度変えてください。");
    let typed = newest(&kept);
    let page = page(
        &desk,
        &session,
        shell.with_notice(notice),
        &kept,
        &typed,
        Errors::default(),
    );
    Ok(refused(page.await?))
}

fn refused(page: Response) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, page).into_response()
}

async fn kept(desk: &Desk, session: &SignedIn) -> Result<Vec<KeptRule>, web::PageError> {
    store::send_rules(&desk.db, session.staff.org, RULES_SHOWN)
        .await
        .map_err(failed)
}

/// The form begins with the newest version, or with what is proposed to a new organisation.
fn newest(kept: &[KeptRule]) -> Typed {
    match kept.first() {
        Some(newest) => Typed::of(&newest.rule, newest.version),
        None => Typed::of(&SendRule::first(), 0),
    }
}

async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    kept: &[KeptRule],
    typed: &Typed,
    errors: Errors,
) -> Answer {
    let (org, now) = (session.staff.org, desk.db.now());
    let offices = desk.accounts.offices(org).await.map_err(failed)?;
    let staff = names(desk, org, kept.iter().filter_map(|one| one.saved_by)).await?;
    let in_force = kept
        .iter()
        .find(|one| one.holds_from <= now)
        .map(|one| one.version);
    let line = |one: &KeptRule| Line {
        version: one.version,
        from: one.holds_from,
        in_force: in_force == Some(one.version),
        ahead: one.holds_from > now,
        by: staff.or(one.saved_by, "初期設定"),
        at: one.saved_at,
        words: words(&one.rule, &offices),
    };
    let page = SendRules {
        version: typed.field("version").parse().unwrap_or(0),
        none: kept.is_empty(),
        from: Field::select("from", "いつから", days(now, "いますぐ"))
            .short()
            .value(typed.field("from")),
        approval: approval(typed, &errors),
        holds: holds(desk, typed, &errors),
        wave: wave(typed, &errors),
        hours: (0..=(typed.lines() + MORE).min(HOURS_ENTRIES))
            .map(|number| hours_line(number, typed, &offices, &errors))
            .collect(),
        history: kept.iter().map(line).collect(),
        shell: shell.titled("送信の決まり").with_errors(errors),
    };
    Ok(Page(page).into_response())
}

fn approval(typed: &Typed, errors: &Errors) -> Vec<Field> {
    let check = |name: &str, label: &str, support: &str| {
        Field::check(name, label)
            .support(support)
            .value(typed.field(name))
    };
    vec![
        Field::number("above", "この人数を超える送信")
            .support("空欄にすると、人数では承認を求めません。")
            .value(typed.field("above"))
            .errors(errors),
        check(
            "new_version",
            "承認されたことのない文面",
            "文面は、それを使った送信が承認されるか、文面のページで承認されると、次から承認なしで送れます。",
        ),
        check("warnings", "リストの検査で注意が出た送信", ""),
        check("always", "すべての送信", ""),
    ]
}

fn holds(desk: &Desk, typed: &Typed, errors: &Errors) -> Vec<Field> {
    let own = u64::try_from(desk.sending.hold / SECOND).unwrap_or(0);
    let field = |purpose: Purpose| {
        let name = hold_field(purpose);
        let value = typed.field(&name);
        let mut offered: Vec<u64> = HOLDS.into();
        offered.extend(
            value
                .parse::<u64>()
                .ok()
                .filter(|seconds| !HOLDS.contains(seconds)),
        );
        let mut choices = vec![Choice::new(
            "",
            format!("サーバーの設定のまま（{}）", web::time::duration(own)),
        )];
        choices.extend(
            offered
                .into_iter()
                .map(|seconds| Choice::new(seconds, web::time::duration(seconds))),
        );
        Field::select(&name, purpose.label(), choices)
            .short()
            .value(value)
            .errors(errors)
    };
    Purpose::ALL.into_iter().map(field).collect()
}

fn wave(typed: &Typed, errors: &Errors) -> Vec<Field> {
    vec![
        Field::number("wave_above", "この人数を超える送信")
            .support("空欄にすると、送る人が選んだときだけにします。")
            .value(typed.field("wave_above"))
            .errors(errors),
        Field::number("patience", "結果を待つ時間（分）")
            .support("これを過ぎても全員に届いたと分からないときは、止まって人の判断を待ちます。")
            .value(typed.field("patience"))
            .errors(errors),
    ]
}

fn hours_line(number: usize, typed: &Typed, offices: &[Office], errors: &Errors) -> HoursLine {
    let name = |field: &str| format!("{field}-{number}");
    let time = |field: &str, label: &str| {
        let name = name(field);
        Field::text(&name, label)
            .short()
            .value(typed.field(&name))
            .errors(errors)
    };
    let whom = (number > 0).then(|| {
        let mut of = vec![Choice::new("", "すべての部署")];
        of.extend(offices.iter().map(|one| Choice::new(one.id, one.name.as_str())));
        let mut purposes = vec![Choice::new("", "すべての目的")];
        purposes.extend(Purpose::ALL.map(|one| Choice::new(one.as_str(), one.label())));
        let (office, purpose) = (name("office"), name("purpose"));
        [
            Field::select(&office, "部署", of).value(typed.field(&office)),
            Field::select(&purpose, "目的", purposes).value(typed.field(&purpose)),
        ]
    });
    HoursLine {
        number,
        whom,
        times: [time("opens", "始まり"), time("closes", "終わり")],
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
mod tests {
    use super::*;

    #[test]
    fn a_rule_comes_back_from_its_form_as_it_was() {
        let mut rule = SendRule::first();
        rule.holds.insert(Purpose::Survey, 45 * SECOND);
        rule.first_wave.above = Some(500);
        rule.hours.push(HoursFor {
            office: None,
            purpose: Some(Purpose::TestResult),
            hours: Hours::new(7 * 60, 21 * 60),
        });
        assert_eq!(Typed::of(&rule, 3).accept(&[]).unwrap(), rule);
        let any = SendRule::first().at_any_time();
        assert_eq!(Typed::of(&any, 3).accept(&[]).unwrap(), any);
    }

    #[test]
    fn mistakes_are_told_at_their_fields() {
        let mut typed = Typed::of(&SendRule::first(), 1);
        for (name, value) in [
            ("above", "百"),
            ("patience", "0"),
            ("hold-survey", "601"),
            ("opens-0", "20:00"),
            ("opens-1", "9:00"),
            ("closes-1", "10:00"),
        ] {
            typed.0.insert(name.to_owned(), value.to_owned());
        }
        let errors = typed.accept(&[]).unwrap_err();
        let fields: Vec<&str> = errors.iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["above", "patience", "hold-survey", "opens-0", "opens-1"]);
    }
}
