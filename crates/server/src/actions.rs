//! What the audit trail may hold besides what routes and accounts write: its page has a word for each.

use accounts::audit::Action;

use crate::commands::{admin, audit};

/// What other slices do by themselves, and what the command line does.
pub const ACTIONS: &[&[Action]] = &[
    &messaging::audit_actions::ALL,
    &triage::order::ACTIONS,
    &triage::jobs::ACTIONS,
    &desk::release::ACTIONS,
    desk::store::APPLICANT_ACTIONS,
    admin::ACCOUNT_ACTIONS,
    admin::OFFICE_ACTIONS,
    admin::ORGANISATION_ACTIONS,
    audit::ACTIONS,
];
