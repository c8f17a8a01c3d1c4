//! The identity providers of organisations.

use base::clock::Millis;
use base::id::OrgId;
use db::{Db, DbError, Field, OrgVault, Tx, params};

use crate::Name;
use crate::identity::address::WebAddress;
use crate::identity::{ClientSecret, IdentityProvider};

/// Whoever has it may pretend to the provider to be us.
const CLIENT_SECRET: Field = Field("identity_providers.client_secret");

db::statements! {
    PROVIDER = "SELECT label, issuer, client_id, client_secret_sealed, login_claim, hosts, factors_acr
        FROM identity_providers WHERE org_id = $1";
    REMOVE = "DELETE FROM identity_providers WHERE org_id = $1";
    ADD = "INSERT INTO identity_providers (org_id, label, issuer, client_id, client_secret_sealed, login_claim,
            hosts, factors_acr, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    /// For the page before signing in, where the organisation is not known yet.
    LABELS = "SELECT org_id, label FROM identity_providers ORDER BY org_id";
}

pub(crate) async fn provider(db: &Db, org: OrgId) -> Result<Option<IdentityProvider>, DbError> {
    let Some(row) = db.query_opt(PROVIDER, params![org]).await? else {
        return Ok(None);
    };
    let (issuer, sealed, hosts): (String, String, String) = (row.get(1)?, row.get(3)?, row.get(5)?);
    let secret = db.vault(org).await?.open(CLIENT_SECRET, org.get(), &sealed)?;
    let unreadable =
        |column: &str| DbError::Statement(format!("identity_providers.{column} holds something else"));
    Ok(Some(IdentityProvider {
        label: Name::stored(row.get(0)?),
        issuer: WebAddress::parse(&issuer).map_err(|_| unreadable("issuer"))?,
        client_id: row.get(2)?,
        client_secret: ClientSecret::parse(&secret).ok_or_else(|| unreadable("client_secret_sealed"))?,
        login_claim: row.get(4)?,
        hosts: hosts.split_whitespace().map(str::to_owned).collect(),
        factors_acr: row.get(6)?,
    }))
}

/// Replaces the organisation's provider, or takes it away.
pub(crate) async fn set_provider(
    tx: &mut Tx,
    org: OrgId,
    vault: &OrgVault,
    provider: Option<&IdentityProvider>,
    now: Millis,
) -> Result<(), DbError> {
    tx.execute(REMOVE, params![org]).await?;
    let Some(provider) = provider else {
        return Ok(());
    };
    let secret = vault.seal(CLIENT_SECRET, org.get(), provider.client_secret.text());
    let row = params![
        org,
        provider.label.as_str(),
        provider.issuer.as_str(),
        provider.client_id.as_str(),
        secret,
        provider.login_claim.as_str(),
        provider.hosts.join(" "),
        provider.factors_acr.as_deref(),
        now
    ];
    tx.execute(ADD, row).await.map(drop)
}

pub(crate) async fn labels(db: &Db) -> Result<Vec<(OrgId, Name)>, DbError> {
    let rows = db.query(LABELS, params![]).await?;
    rows.iter()
        .map(|row| Ok((row.get(0)?, Name::stored(row.get(1)?))))
        .collect()
}
