//! Every SQL statement of this slice, organisation first.

mod actions;
mod broadcasts;
pub(crate) mod corrections;
pub(crate) mod discarded;
mod messages;
pub(crate) mod outbox;
mod overview;
pub(crate) mod strays;
mod templates;

pub(crate) use actions::{NewEvent, add_event};
pub use actions::{broadcast_events, discard, pause, resume, settle};
pub(crate) use broadcasts::{
    NewMessage, end_broadcast, insert_broadcast, insert_messages, recognise, recognised,
};
pub use broadcasts::{broadcast, broadcasts_between, counts};
pub(crate) use messages::open_phone;
pub use messages::{
    Attempt, MessageFilter, MessageHistory, MessageRow, MessageStanding, Part, ReceiptRow, message, messages,
    standings,
};
pub use overview::{
    Progress, SameCause, causes, counts_between, latest_of_list, lists_sent_since, progress, template_names,
};
pub use templates::{
    TemplateRow, TemplateVersion, add_template, add_template_version, archive_template, template,
    template_version, template_versions, templates,
};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    actions::ALL
        .iter()
        .chain(broadcasts::ALL)
        .chain(corrections::ALL)
        .chain(discarded::ALL)
        .chain(messages::ALL)
        .chain(outbox::ALL)
        .chain(overview::ALL)
        .chain(strays::ALL)
        .chain(templates::ALL)
}
