//! The pages of the flow: the day, a list on its way to being sent, broadcasts, messages, templates. One
//! action a file.
//!
//! What is not of the signed-in person's organisation is not there (404), and neither is what belongs to
//! another office, unless the person works at the head office.

mod advice_rules;
mod approval_list;
mod broadcast_any_time;
mod broadcast_approve;
mod broadcast_calls;
mod broadcast_discard;
mod broadcast_events;
mod broadcast_export;
mod broadcast_left_out;
mod broadcast_live;
mod broadcast_load;
mod broadcast_messages;
mod broadcast_report;
mod broadcast_resume;
mod broadcast_show;
mod broadcast_stop;
mod broadcast_waits;
mod broadcast_words;
mod call_add;
mod call_form;
mod call_hand_over;
mod call_list;
mod call_mark;
mod call_next;
mod call_number;
mod call_renew;
mod call_row;
mod call_script;
mod call_show;
mod call_take;
mod call_wrong;
mod code;
mod day_field;
mod export_decide;
mod export_fetch;
mod export_list;
mod home_alarms;
mod home_day;
mod home_figures;
mod home_more;
mod home_system;
mod home_todo;
mod incident_cause;
mod incident_decide;
mod incident_facts;
mod incident_find;
mod incident_list;
mod incident_mark;
mod incident_new;
mod incident_note;
mod incident_people;
mod incident_show;
mod link_edit;
mod link_form;
mod link_list;
mod link_new;
mod link_open;
mod link_retire;
mod list_check;
mod list_choice;
mod list_columns;
mod list_confirm;
mod list_contacted;
mod list_day_reference;
mod list_findings;
mod list_form;
mod list_hindrance;
mod list_import_show;
mod list_import_stop;
mod list_importing;
mod list_judged;
mod list_judging;
mod list_log;
mod list_memory;
mod list_new;
mod list_options;
mod list_outgoing;
mod list_plan;
mod list_preview;
mod list_reading;
mod list_reference;
mod list_reread;
mod list_room;
mod list_routes;
mod list_row_change;
mod list_row_exclude;
mod list_row_include;
mod list_row_mend;
mod list_rows;
mod list_send;
mod list_settings;
mod list_show;
mod list_take;
mod list_timing;
mod list_unread;
mod list_upload;
mod list_withdraw;
pub mod mask;
mod message_call;
mod message_history;
mod message_report;
mod message_reveal;
mod message_settle;
mod message_show;
mod message_wrong;
mod number_confirm;
mod number_form;
mod number_lift;
mod number_list;
mod number_own;
mod number_reveal;
mod office_limit_seen;
mod reply_list;
mod reply_mark;
mod reply_reveal;
mod reply_routes;
mod reply_rules;
mod reply_show;
mod resident_genuine;
mod retention_change;
mod retention_hold;
mod retention_lift;
mod retention_show;
pub mod reveal;
pub mod roll;
mod send_rule_words;
mod send_rules;
mod sender_list;
mod sending_limits;
mod sending_stop;
mod standing;
mod start;
mod tariff_list;
mod template_approve;
mod template_archive;
mod template_compare;
mod template_diff;
mod template_edit;
mod template_form;
mod template_list;
mod template_look;
mod template_new;
mod test_send;
mod today;
mod usage_export;
mod usage_sheet;
mod usage_show;
mod wrong_report;

use std::collections::HashMap;

use accounts::{Accounts, Staff};
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use axum::{Extension, Router};
use base::clock::Millis;
use base::id::{OfficeId, OrgId, StaffId};
use base::segment::Segmentation;
use base::text::Counting;
use db::{Db, DbError};
use percent_encoding::{NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use web::{Id, NoFields, PageError};

use self::broadcast_live::Snapshots;
pub use self::code::NoCode;
pub use self::export_fetch::not_taken;
pub use self::home_figures::{HomeFact, HomeFigures, HomeFiguresSource};
pub use self::home_more::{HomeAlarm, HomeAlarms};
pub use self::home_todo::{Counted, HomeStarts, HomeTiles, Offered, Start};
pub use self::link_open::{ResidentDesk, SERVICE, resident_pages};
pub use self::list_take::SentFile;
pub use self::list_upload::{receive_file, short_text};
use self::reply_routes::ReplyDesk;
pub use self::reply_routes::reply_pages;
pub use self::resident_genuine::{GenuineDesk, genuine_pages};
use crate::limits;
use crate::links::LinkSettings;

/// What the pages work with. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    /// Where everything is kept.
    pub db: Db,
    /// Who is who.
    pub accounts: Accounts,
    /// How broadcasts are sent.
    pub sending: Sending,
    /// What short links begin with, and where they may lead.
    pub links: LinkSettings,
}

/// How broadcasts that are started in the browser are sent.
#[derive(Clone, Debug)]
pub struct Sending {
    /// To a simulated carrier; nobody is contacted.
    pub simulated: bool,
    /// The number that phones show as sender.
    pub sender: String,
    /// How long texts are joined.
    pub segmentation: Segmentation,
    /// How long a broadcast can be withdrawn before its first message leaves.
    pub hold: Millis,
    /// Whether there is a carrier, simulated or not, that would take the messages.
    pub has_carrier: bool,
    /// How the carrier counts and what it asks.
    pub tariff: Tariff,
}

/// What a carrier's contract says of the length and the price of a text.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tariff {
    /// How newlines are counted.
    pub counting: Counting,
    /// The price of one part in hundredths of a yen, where it is known.
    pub price: Option<u32>,
}

/// All pages of the flow, for the staff host, inside `Accounts::layer`.
pub fn pages(desk: Desk) -> Router {
    Router::new()
        .merge(list_routes::list_pages())
        .merge(broadcast_pages())
        .merge(release_pages())
        .merge(people_pages())
        .merge(incident_pages())
        .merge(template_pages())
        .merge(link_pages())
        .merge(organisation_pages())
        .merge(retention_pages())
        .route_layer(DefaultBodyLimit::max(limits::FORM_BYTES))
        .with_state(desk)
}

fn broadcast_pages() -> Router<Desk> {
    let live = get(broadcast_live::stream).layer(Extension(Snapshots::new()));
    Router::new()
        .route("/", get(today::show))
        .route("/start", get(start::show))
        .route("/lists/{id}/confirm", get(list_confirm::show))
        .route("/lists/{id}/send", post(list_send::submit))
        .route("/broadcasts/{id}", get(broadcast_show::show))
        .route("/broadcasts/{id}/live", live)
        .route("/broadcasts/{id}/stop", post(broadcast_stop::submit))
        .route("/broadcasts/{id}/resume", post(broadcast_resume::submit))
        .route(
            "/broadcasts/{id}/discard",
            get(broadcast_discard::show).post(broadcast_discard::submit),
        )
        .route(
            "/broadcasts/{id}/export",
            get(broadcast_export::show).post(broadcast_export::submit),
        )
        .route("/broadcasts/{id}/export/ask", post(broadcast_export::ask))
        .route("/exports", get(export_list::show))
        .route("/exports/rule", post(export_list::submit))
        .route("/exports/{id}/agree", post(export_decide::agree))
        .route("/exports/{id}/refuse", post(export_decide::refuse))
        .route("/exports/{id}/fetch", post(export_fetch::submit))
        .route("/broadcasts/{id}/messages", get(broadcast_messages::show))
        .route("/messages/{id}", get(message_show::show))
        .route("/messages/{id}/reveal", post(message_reveal::submit))
        .route("/messages/{id}/settle", post(message_settle::submit))
}

/// Who lets broadcasts go, and by which rule.
fn release_pages() -> Router<Desk> {
    Router::new()
        .route("/approvals", get(approval_list::show))
        .route("/broadcasts/{id}/approval", get(broadcast_approve::show))
        .route("/broadcasts/{id}/approve", post(broadcast_approve::approve))
        .route("/broadcasts/{id}/return", post(broadcast_approve::give_back))
        .route("/broadcasts/{id}/any-time", post(broadcast_any_time::submit))
        .route("/templates/{id}/approve", post(template_approve::submit))
        .route(
            "/organisation/sending",
            get(send_rules::show).post(send_rules::submit),
        )
}

/// Whom one cannot, or must not, write to.
fn people_pages() -> Router<Desk> {
    Router::new()
        .route("/numbers", get(number_list::show).post(number_list::submit))
        .route("/numbers/{id}/reveal", post(number_reveal::submit))
        .route("/numbers/{id}/lift", post(number_lift::submit))
        .route(
            "/messages/{id}/wrong",
            get(message_wrong::show).post(message_wrong::submit),
        )
        .route("/calls", get(call_list::show).post(call_list::submit))
        .route("/calls/next", post(call_take::next))
        .route("/calls/{id}", get(call_show::show))
        .route("/calls/{id}/take", post(call_take::this))
        .route("/calls/{id}/renew", post(call_renew::renewed))
        .route("/calls/{id}/return", post(call_renew::given_back))
        .route("/calls/{id}/mark", post(call_mark::submit))
        .route("/calls/{id}/hand-over", post(call_hand_over::submit))
        .route(
            "/calls/{id}/wrong",
            get(call_wrong::show).post(call_wrong::submit),
        )
        .route("/messages/{id}/call", post(message_call::submit))
        .route("/broadcasts/{id}/calls", post(broadcast_calls::submit))
        .route("/lists/{id}/rows/{line}/call", post(call_row::submit))
}

/// What reached the wrong person.
fn incident_pages() -> Router<Desk> {
    Router::new()
        .route(
            "/messages/{id}/report",
            get(message_report::show).post(message_report::submit),
        )
        .route(
            "/incidents/report",
            get(incident_find::show).post(incident_find::submit),
        )
        .route("/incidents", get(incident_list::show).post(incident_new::submit))
        .route("/incidents/new", get(incident_new::show))
        .route("/incidents/{id}", get(incident_show::show))
        .route("/incidents/{id}/people/{broadcast}", get(incident_people::show))
        .route(
            "/incidents/{id}/broadcasts/{broadcast}",
            post(incident_decide::submit),
        )
        .route("/incidents/{id}/notes", post(incident_note::submit))
        .route("/incidents/{id}/state", post(incident_mark::submit))
}

fn template_pages() -> Router<Desk> {
    Router::new()
        .route("/templates", get(template_list::show).post(template_new::submit))
        .route("/templates/new", get(template_new::show))
        .route(
            "/templates/rules",
            get(advice_rules::show).post(advice_rules::submit),
        )
        .route("/templates/{id}/compare", get(template_compare::show))
        .route(
            "/templates/{id}",
            get(template_edit::show).post(template_edit::submit),
        )
        .route("/templates/{id}/archive", post(template_archive::submit))
}

/// How long what is kept.
fn retention_pages() -> Router<Desk> {
    Router::new()
        .route(
            "/organisation/retention",
            get(retention_show::show).post(retention_change::submit),
        )
        .route("/organisation/retention/holds", post(retention_hold::submit))
        .route(
            "/organisation/retention/holds/{id}/lift",
            post(retention_lift::submit),
        )
}

fn link_pages() -> Router<Desk> {
    Router::new()
        .route("/links", get(link_list::show).post(link_new::submit))
        .route("/links/new", get(link_new::show))
        .route("/links/{id}", get(link_edit::show).post(link_edit::submit))
        .route("/links/{id}/retire", post(link_retire::submit))
}

/// How much is sent, under which numbers, and what it costs.
fn organisation_pages() -> Router<Desk> {
    Router::new()
        .route(
            "/organisation/limits",
            get(sending_limits::show).post(sending_limits::submit),
        )
        .route("/organisation/stop", post(sending_stop::stop))
        .route("/organisation/release", post(sending_stop::release))
        .route("/organisation/mode", post(sending_stop::mode))
        .route(
            "/organisation/senders",
            get(sender_list::show).post(sender_list::submit),
        )
        .route("/organisation/senders/{id}/end", post(sender_list::end))
        .route(
            "/organisation/tariffs",
            get(tariff_list::show).post(tariff_list::submit),
        )
        .route(
            "/organisation/numbers",
            get(number_confirm::show).post(number_confirm::submit),
        )
        .route("/me/number", get(number_own::show).post(number_own::submit))
        .route("/me/number/remove", post(number_own::remove))
        .route("/lists/{id}/rows/{line}/test", post(test_send::list_row))
        .route("/templates/{id}/test", post(test_send::template))
        .route("/alarms/office-limit/seen", post(office_limit_seen::submit))
        .route("/usage", get(usage_show::show))
        .route("/usage/summary.csv", get(usage_export::summary_csv))
        .route("/usage/summary.xlsx", get(usage_export::summary_xlsx))
        .route("/usage/lines.csv", get(usage_export::lines_csv))
        .route("/usage/lines.xlsx", get(usage_export::lines_xlsx))
}

/// An answer, or the page that says why not.
pub type Answer = Result<axum::response::Response, PageError>;

/// What a failing database means to the person at the page.
pub fn failed(error: DbError) -> PageError {
    match error {
        DbError::Unavailable(_) | DbError::Conflict(_) => {
            tracing::error!(%error, "the database does not answer");
            PageError::Busy
        }
        other => PageError::bug(other),
    }
}

/// Whether what belongs to `office` exists for this person.
pub fn may_see(staff: &Staff, office: OfficeId) -> bool {
    staff.covers(office)
}

/// Whose entries this person works on: those of their office, at the head office (`None`) those of all.
pub fn scope(staff: &Staff) -> Option<OfficeId> {
    (staff.office != OfficeId::HEADQUARTERS).then_some(staff.office)
}

/// The people behind the numbers on a page.
pub(crate) struct Names(HashMap<StaffId, Staff>);

impl Names {
    /// The person's name.
    pub(crate) fn of(&self, id: StaffId) -> String {
        self.0
            .get(&id)
            .map_or_else(|| "（記録なし）".to_owned(), |staff| staff.name.to_string())
    }

    /// The person's name, or where else it came from.
    pub(crate) fn or(&self, id: Option<StaffId>, otherwise: &str) -> String {
        id.map_or_else(|| otherwise.to_owned(), |id| self.of(id))
    }
}

/// Looks up who did what, all at once.
pub(crate) async fn names(
    desk: &Desk,
    org: OrgId,
    ids: impl Iterator<Item = StaffId>,
) -> Result<Names, PageError> {
    let mut ids: Vec<StaffId> = ids.collect();
    ids.sort_unstable();
    ids.dedup();
    desk.accounts
        .staff_by_ids(org, &ids)
        .await
        .map(Names)
        .map_err(failed)
}

/// A text as it stands in the query of an address.
pub fn in_query(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
