//! Every URL of the product on one page. The handlers live in the slices; `tests/it/denied.rs` asks for each of
//! these as nobody, and finds out if one is missing here.

/// Who may ask for a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    /// Anybody who reaches the host.
    Anybody,
    /// Signed-in staff.
    Staff,
}

/// Every route of the staff host: method, path, who.
pub const STAFF_ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/sign-in", Who::Anybody),
    ("POST", "/sign-in", Who::Anybody),
    ("POST", "/sign-out", Who::Anybody),
    ("GET", "/setup", Who::Anybody),
    ("POST", "/setup", Who::Anybody),
    ("GET", "/healthz", Who::Anybody),
    ("GET", "/", Who::Staff),
    ("GET", "/lists/new", Who::Staff),
    ("POST", "/lists", Who::Staff),
    ("GET", "/lists/{id}", Who::Staff),
    ("POST", "/lists/{id}/settings", Who::Staff),
    ("POST", "/lists/{id}/choices", Who::Staff),
    ("POST", "/lists/{id}/reference", Who::Staff),
    ("POST", "/lists/{id}/reference/remove", Who::Staff),
    ("POST", "/lists/{id}/withdraw", Who::Staff),
    ("POST", "/lists/{id}/rows/{line}", Who::Staff),
    ("POST", "/lists/{id}/rows/{line}/exclude", Who::Staff),
    ("POST", "/lists/{id}/rows/{line}/include", Who::Staff),
    ("GET", "/lists/{id}/preview", Who::Staff),
    ("GET", "/lists/{id}/confirm", Who::Staff),
    ("POST", "/lists/{id}/send", Who::Staff),
    ("GET", "/broadcasts/{id}", Who::Staff),
    ("GET", "/broadcasts/{id}/live", Who::Staff),
    ("POST", "/broadcasts/{id}/stop", Who::Staff),
    ("POST", "/broadcasts/{id}/resume", Who::Staff),
    ("GET", "/broadcasts/{id}/discard", Who::Staff),
    ("POST", "/broadcasts/{id}/discard", Who::Staff),
    ("GET", "/broadcasts/{id}/report.csv", Who::Staff),
    ("GET", "/broadcasts/{id}/report.xlsx", Who::Staff),
    ("GET", "/broadcasts/{id}/messages", Who::Staff),
    ("GET", "/messages/{id}", Who::Staff),
    ("POST", "/messages/{id}/settle", Who::Staff),
    ("GET", "/templates", Who::Staff),
    ("POST", "/templates", Who::Staff),
    ("GET", "/templates/new", Who::Staff),
    ("GET", "/templates/{id}", Who::Staff),
    ("POST", "/templates/{id}", Who::Staff),
    ("POST", "/templates/{id}/archive", Who::Staff),
    ("GET", "/templates/{id}/compare", Who::Staff),
    ("GET", "/templates/rules", Who::Staff),
    ("POST", "/templates/rules", Who::Staff),
    ("GET", "/links", Who::Staff),
    ("POST", "/links", Who::Staff),
    ("GET", "/links/new", Who::Staff),
    ("GET", "/links/{id}", Who::Staff),
    ("POST", "/links/{id}", Who::Staff),
    ("POST", "/links/{id}/retire", Who::Staff),
    // Only in the demo.
    ("GET", "/phones", Who::Staff),
    ("GET", "/samples", Who::Staff),
    ("GET", "/samples/{name}", Who::Staff),
];

/// Every route of the resident host.
pub const RESIDENT_ROUTES: &[(&str, &str)] = &[
    ("GET", "/"),
    ("GET", "/healthz"),
    ("GET", "/l/{token}"),
    ("POST", "/l/{token}"),
];
