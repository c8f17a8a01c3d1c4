//! `GET /lists/{id}/confirm`: what will happen, in words, and the button that says to how many.

use accounts::SignedIn;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::IntoResponse;
use base::id::{BroadcastId, ListId};
use base::text::Carrier;
use serde::Deserialize;
use web::number::grouped;
use web::ui::{Bubble, Notice, Phone};
use web::{Errors, Field, Page, PageError, Shell, after_post};

use super::list_plan::{Plan, Planned, PlannedRow, plan};
use super::list_room::Room;
use super::list_timing::{Leaving, Timing, TimingForm};
use super::{Answer, Desk, Id, failed};
use crate::recognition::ResendScope;
use crate::release::Told;

/// Texts that are shown once more before the button.
pub(super) const EXAMPLES: usize = 3;

#[derive(Template)]
#[template(path = "list_confirm.html")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one sentence of the page, and none excludes another"
)]
struct ListConfirm {
    shell: Shell,
    id: ListId,
    people: String,
    nobody: bool,
    file_name: String,
    office: String,
    template: String,
    template_href: String,
    sender: String,
    simulated: bool,
    /// It is an exercise: nobody is written to.
    training: bool,
    /// Phones of these carriers show another number.
    senders: Vec<(&'static str, String)>,
    /// What the limits say to it.
    room: Room,
    has_carrier: bool,
    /// `30秒`; nothing if the first message leaves at once.
    hold: Option<String>,
    most_parts: String,
    /// What it will cost at most, where the price is known.
    cost: Option<String>,
    parts: Vec<(&'static str, String)>,
    /// People of each language; empty where there is one.
    languages: Vec<(&'static str, String)>,
    left_out: Vec<String>,
    hold_notice: Notice,
    timing: TimingForm,
    /// The button asks for an approval.
    needs_approval: bool,
    examples: Vec<Example>,
    seal: String,
    seen: i64,
    resend: Option<Resending>,
    nobody_notice: Notice,
    offers: Vec<Offer>,
}

/// One of the first rows, as its reader will see it.
struct Example {
    whom: String,
    phone: Phone,
}

/// Sending once more, with its reason.
struct Resending {
    word: &'static str,
    notice: Notice,
    reason: Field,
}

/// A way to send once more what was done before.
struct Offer {
    href: String,
    label: String,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    resend: String,
}

pub(super) async fn show(
    State(desk): State<Desk>,
    session: SignedIn,
    shell: Shell,
    Id(id): Id<ListId>,
    Query(asked): Query<Asked>,
) -> Answer {
    match plan(&desk, &session, id, scope(&asked.resend)).await? {
        Planned::Ready(plan) => {
            let nothing = Typed::default();
            page(&desk, &session, shell, &plan, &nothing, Errors::default()).await
        }
        Planned::NotYet | Planned::Hindered(_) => Ok(after_post(&format!("/lists/{id}")).into_response()),
    }
}

/// What a form's or an address's word asks to send once more.
pub(super) fn scope(word: &str) -> Option<ResendScope> {
    let all = [ResendScope::Failed, ResendScope::Unconfirmed, ResendScope::All];
    all.into_iter().find(|scope| scope.as_str() == word)
}

/// What was typed into the form.
#[derive(Deserialize, Default)]
pub(super) struct Typed {
    /// Why it is sent once more.
    #[serde(default)]
    pub(super) reason: String,
    #[serde(flatten)]
    pub(super) timing: Timing,
}

/// The page, also for a form that could not be carried out.
pub(super) async fn page(
    desk: &Desk,
    session: &SignedIn,
    shell: Shell,
    plan: &Plan,
    typed: &Typed,
    errors: Errors,
) -> Answer {
    let leaving = Leaving::of(desk, session, plan).await?;
    let people = format!("{}人", grouped(plan.rows.len() as u64));
    let offices = desk.accounts.offices(session.staff.org).await.map_err(failed)?;
    let office = offices.into_iter().find(|office| office.id == plan.head.office);
    let resend = plan.resend.map(|scope| Resending {
        word: scope.as_str(),
        notice: Notice::warning(format!(
            "{}人には、同じ文面を送ったことがあります",
            grouped(plan.again as u64)
        ))
        .text("同じSMSがもう一度届くことがあります。理由を残して送り直します。"),
        reason: Field::long_text("reason", "送り直す理由", 3)
            .required()
            .support("配信の記録に残ります。")
            .value(&typed.reason)
            .errors(&errors),
    });
    let sending = &desk.sending;
    let (purpose, training) = (plan.template.content.purpose, plan.template.training);
    let shown = desk
        .shown_senders(session.staff.org, plan.head.office, purpose)
        .await?;
    let room = Room::of(desk, session, plan, typed.timing.leaves_at(&leaving)).await?;
    let price = desk.price(session.staff.org).await?;
    let title = if plan.resend.is_some() {
        "送り直しの確認"
    } else {
        "送信の確認"
    };
    let page = ListConfirm {
        id: plan.head.id,
        nobody: plan.rows.is_empty(),
        file_name: plan.head.file_name.clone(),
        office: office.map(|office| office.name.to_string()).unwrap_or_default(),
        template: format!("{} 第{}版", plan.template.name, plan.template.version),
        template_href: format!("/templates/{}#version-{}", plan.template.id, plan.template.version),
        examples: examples(plan, &shown.sender),
        sender: shown.sender,
        senders: shown.others,
        simulated: sending.simulated,
        training,
        room,
        has_carrier: sending.has_carrier || training,
        hold_notice: leaving.notice(),
        hold: leaving.hold_in_words().filter(|_| leaving.closed().is_none()),
        timing: typed.timing.form(&leaving, &errors),
        needs_approval: leaving.needs_approval(),
        nobody_notice: Notice::info("いま送る相手はいません")
            .text("誤りのある行を直すか、別のリストを選んでください。すでに送った相手に送り直すときは、理由が要ります。"),
        most_parts: most_parts(plan),
        cost: price.map(|price| cost(all_parts(plan), price)),
        parts: Carrier::ALL.into_iter().map(|carrier| (carrier.label(), total_parts(plan, carrier))).collect(),
        languages: languages(plan),
        left_out: plan.left_out.in_words(),
        seal: plan.seal.clone(),
        seen: plan.latest.map_or(0, BroadcastId::get),
        offers: if plan.resend.is_none() { offers(plan) } else { Vec::new() },
        resend,
        people,
        shell: shell.titled(title).with_errors(errors),
    };
    Ok(Page(page).into_response())
}

/// If everybody were at that carrier.
fn total_parts(plan: &Plan, carrier: Carrier) -> String {
    let parts: u64 = plan.rows.iter().map(|row| u64::from(row.parts.at(carrier))).sum();
    format!("{}通", grouped(parts))
}

/// How many people get each of the languages, in the order of the template.
fn languages(plan: &Plan) -> Vec<(&'static str, String)> {
    let content = &plan.template.content;
    if content.texts().count() < 2 {
        return Vec::new();
    }
    let people = |at| plan.rows.iter().filter(|row| row.text == at).count() as u64;
    let all = content
        .texts()
        .enumerate()
        .map(|(at, (language, _))| (language.label(), people(at)));
    all.map(|(language, people)| (language, format!("{}人", grouped(people))))
        .collect()
}

fn all_parts(plan: &Plan) -> u64 {
    plan.rows.iter().map(|row| u64::from(row.parts.most())).sum()
}

fn most_parts(plan: &Plan) -> String {
    format!("最大 {}通", grouped(all_parts(plan)))
}

/// What the page tells, kept for whoever has to approve it.
pub(super) fn told(plan: &Plan, price: Option<u32>) -> Told {
    Told {
        warnings: plan.warnings.clone(),
        left_out: plan.left_out.in_words(),
        parts: most_parts(plan),
        cost: price.map(|price| cost(all_parts(plan), price)),
    }
}

/// `price` is of one part, in hundredths of a yen; a broken yen counts as one.
pub(super) fn cost(parts: u64, price: u32) -> String {
    let yen = (parts * u64::from(price)).div_ceil(100);
    let each = match price % 100 {
        0 => format!("{}", price / 100),
        rest => format!("{}.{rest:02}", price / 100),
    };
    format!("最大 {}円（1通{each}円）", grouped(yen))
}

fn examples(plan: &Plan, sender: &str) -> Vec<Example> {
    let example = |row: &PlannedRow| {
        let whom = format!("{}行目 {}", row.outgoing.line, row.outgoing.to.masked());
        let bubble = Bubble::new(&row.outgoing.text);
        Example {
            phone: Phone::new(format!("{whom}に届く文面"), sender, vec![bubble]),
            whom,
        }
    };
    plan.rows.iter().take(EXAMPLES).map(example).collect()
}

fn offers(plan: &Plan) -> Vec<Offer> {
    let offer = |(scope, count): (ResendScope, usize)| {
        let count = grouped(count as u64);
        let label = match scope {
            ResendScope::Failed => format!("届かなかった{count}人に送り直す"),
            ResendScope::Unconfirmed | ResendScope::Silent => {
                format!("届いたか分からない{count}人に送り直す")
            }
            ResendScope::All => format!("すでに送った{count}人全員に送り直す"),
        };
        Offer {
            href: format!("/lists/{}/confirm?resend={}", plan.head.id, scope.as_str()),
            label,
        }
    };
    plan.resendable
        .iter()
        .copied()
        .filter(|(_, count)| *count > 0)
        .map(offer)
        .collect()
}

/// The page for a form that was overtaken.
pub(super) fn overtaken(shell: Shell) -> Shell {
    shell.with_notice(
        Notice::warning("開いていたあいだに、リストか送る相手が変わりました")
            .text("まだ何も送っていません。人数と内容をもう一度確かめてください。"),
    )
}

/// Nothing can be sent without a carrier.
pub fn no_carrier() -> PageError {
    PageError::rejected(
        "携帯電話会社への接続が設定されていないため、送信できません。",
        "何も送っていません。システム担当に、接続先の設定を頼んでください。",
    )
}

#[cfg(test)]
mod tests {
    use super::cost;

    #[test]
    fn the_cost_is_never_told_too_low() {
        assert_eq!(cost(217, 850), "最大 1,845円（1通8.50円）");
        assert_eq!(cost(3, 800), "最大 24円（1通8円）");
    }
}
