//! The organisation's rule about sending, in versions, and the versions of texts that somebody approved.

use std::collections::HashSet;

use base::clock::Millis;
use base::id::{BroadcastId, OrgId, StaffId, TemplateId};
use db::{Db, DbError, Row, Tx, params};

use crate::release::SendRule;

db::statements! {
    RULE_IN_FORCE = "
        SELECT version, rule FROM send_rules
        WHERE org_id = $1 AND holds_from <= $2 ORDER BY version DESC LIMIT 1";
    RULES = "
        SELECT version, rule, holds_from, saved_by, saved_at FROM send_rules
        WHERE org_id = $1 ORDER BY version DESC LIMIT $2";
    SAVE_RULE = "
        INSERT INTO send_rules (org_id, version, holds_from, rule, saved_by, saved_at)
        SELECT $1, COALESCE(MAX(version), 0) + 1, $3, $4, $5, $6 FROM send_rules
        WHERE org_id = $1 HAVING COALESCE(MAX(version), 0) = $2";
    IS_APPROVED = "
        SELECT 1 FROM approved_versions WHERE org_id = $1 AND template_id = $2 AND version = $3";
    APPROVED_VERSIONS = "
        SELECT version, approved_by, approved_at FROM approved_versions
        WHERE org_id = $1 AND template_id = $2 ORDER BY version DESC";
    ALL_APPROVED = "SELECT template_id, version FROM approved_versions WHERE org_id = $1";
    APPROVE_VERSION = "
        INSERT INTO approved_versions (org_id, template_id, version, approved_by, approved_at, broadcast_id)
        SELECT org_id, template_id, version, CAST($4 AS {bigint}), $5, CAST($6 AS {bigint})
        FROM message_template_versions
        WHERE org_id = $1 AND template_id = $2 AND version = $3
            AND (CAST($4 AS {bigint}) IS NULL OR CAST($6 AS {bigint}) IS NOT NULL
                OR created_by <> CAST($4 AS {bigint}))
        ON CONFLICT (org_id, template_id, version) DO NOTHING";
}

/// A version of the rule as its page shows it.
#[derive(Clone, Debug)]
pub struct KeptRule {
    /// From 1.
    pub version: i64,
    /// What it says.
    pub rule: SendRule,
    /// From when on.
    pub holds_from: Millis,
    /// Who saved it; nobody if it came with the organisation.
    pub saved_by: Option<StaffId>,
    /// When.
    pub saved_at: Millis,
}

fn rule_of(row: &Row) -> Result<(i64, SendRule), DbError> {
    // A rule that cannot be read must never be taken for none.
    let rule = SendRule::from_json(&row.get::<String>(1)?).map_err(DbError::Statement)?;
    Ok((row.get(0)?, rule))
}

/// The newest version whose date has come, with its number.
pub(crate) async fn rule_in_force(
    tx: &mut Tx,
    org: OrgId,
    now: Millis,
) -> Result<Option<(i64, SendRule)>, DbError> {
    let row = tx.query_opt(RULE_IN_FORCE, params![org, now]).await?;
    row.as_ref().map(rule_of).transpose()
}

/// The same outside of a write, for what pages announce.
pub async fn send_rule(db: &Db, org: OrgId) -> Result<Option<SendRule>, DbError> {
    let row = db.query_opt(RULE_IN_FORCE, params![org, db.now()]).await?;
    Ok(row.as_ref().map(rule_of).transpose()?.map(|(_, rule)| rule))
}

/// The versions of the rule, newest first, at most `limit`.
pub async fn send_rules(db: &Db, org: OrgId, limit: u32) -> Result<Vec<KeptRule>, DbError> {
    let rows = db.query(RULES, params![org, i64::from(limit)]).await?;
    rows.iter()
        .map(|row| {
            let (version, rule) = rule_of(row)?;
            Ok(KeptRule {
                version,
                rule,
                holds_from: row.get(2)?,
                saved_by: row.get(3)?,
                saved_at: row.get(4)?,
            })
        })
        .collect()
}

/// Saves a version made from version `seen`; `false` if somebody else saved meanwhile.
pub async fn save_send_rule(
    db: &Db,
    org: OrgId,
    seen: i64,
    rule: &SendRule,
    holds_from: Millis,
    by: Option<StaffId>,
) -> Result<bool, DbError> {
    let (json, now) = (rule.to_json(), db.now());
    let saved = db.write(move |tx| {
        let json = json.clone();
        Box::pin(async move {
            let params = params![org, seen, holds_from, json, by, now];
            Ok(tx.execute(SAVE_RULE, params).await? == 1)
        })
    });
    match saved.await {
        // Two at the same moment: the other one was first.
        Err(DbError::Constraint(_)) => Ok(false),
        other => other,
    }
}

/// The rule that a new organisation begins with, in the write that makes it.
pub async fn found_send_rule(tx: &mut Tx, org: OrgId, now: Millis) -> Result<(), DbError> {
    let params = params![org, 0, now, SendRule::first().to_json(), None::<i64>, now];
    tx.execute(SAVE_RULE, params).await?;
    Ok(())
}

/// Whether somebody other than its author has approved this version.
pub(crate) async fn is_approved(
    tx: &mut Tx,
    org: OrgId,
    (template, version): (TemplateId, i64),
) -> Result<bool, DbError> {
    let row = tx.query_opt(IS_APPROVED, params![org, template, version]).await?;
    Ok(row.is_some())
}

/// An approved version of a template: its number, who, when.
pub type ApprovedVersion = (i64, Option<StaffId>, Millis);

/// The approved versions of a template, newest first.
pub async fn approved_versions(
    db: &Db,
    org: OrgId,
    template: TemplateId,
) -> Result<Vec<ApprovedVersion>, DbError> {
    let rows = db.query(APPROVED_VERSIONS, params![org, template]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .collect()
}

/// Every approved version of every template.
pub async fn all_approved(db: &Db, org: OrgId) -> Result<HashSet<(TemplateId, i64)>, DbError> {
    let rows = db.query(ALL_APPROVED, params![org]).await?;
    rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

/// Approves a version of a template by itself. `false` if it was approved before, does not exist, or is this person's
/// own. Nobody (`None`) stands for texts that come with the product.
pub async fn approve_version(
    db: &Db,
    org: OrgId,
    (template, version): (TemplateId, i64),
    by: Option<StaffId>,
) -> Result<bool, DbError> {
    let now = db.now();
    db.write(move |tx| {
        Box::pin(async move { approve_version_in(tx, org, (template, version), (by, None), now).await })
    })
    .await
}

/// The same in a write that does more: with the broadcast by which it was approved, nobody asks who its author is.
pub(crate) async fn approve_version_in(
    tx: &mut Tx,
    org: OrgId,
    (template, version): (TemplateId, i64),
    (by, with): (Option<StaffId>, Option<BroadcastId>),
    now: Millis,
) -> Result<bool, DbError> {
    let params = params![org, template, version, by, now, with];
    Ok(tx.execute(APPROVE_VERSION, params).await? == 1)
}
