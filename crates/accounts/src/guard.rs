//! The guard before every route: who may use it, and what the audit trail keeps of it.
//!
//! Closed by default: a route that the table does not name is not there (404), and neither is one that the
//! person may not use. What belongs to which office is not known here; handlers ask [`crate::Staff::covers`].

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, MatchedPath, Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use base::id::OrgId;
use base::org::{Permission, Roles};
use web::{PageError, Reach};

use crate::audit::{self, Action, Entry, Note};
use crate::pages::failed;
use crate::{Accounts, NotSignedIn, SignedIn, SourceAddress};

/// Who may ask for a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Anybody who reaches the host.
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever may do this at the office where they work.
    May(Permission),
    /// Whoever may do one of these.
    MayAny(&'static [Permission]),
}

impl Access {
    /// Whether this person may ask.
    pub fn admits(self, may: impl Fn(Permission) -> bool) -> bool {
        match self {
            Self::Anybody | Self::SignedIn => true,
            Self::May(permission) => may(permission),
            Self::MayAny(permissions) => permissions.iter().any(|permission| may(*permission)),
        }
    }
}

/// What the audit trail keeps of a request that was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Record {
    /// Nothing: it shows nobody's data and changes nothing.
    Nothing,
    /// A look at people's data, written before the answer leaves.
    Look(Action),
    /// A change, written in its commit.
    Change(Action),
}

/// One route of the staff host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Route {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// As the router has it: `/broadcasts/{id}/stop`.
    pub path: &'static str,
    /// Who may ask for it.
    pub access: Access,
    /// What is kept of it.
    pub record: Record,
}

impl Route {
    /// For everybody; nothing is kept.
    pub const fn open(method: &'static str, path: &'static str) -> Self {
        Self {
            method,
            path,
            access: Access::Anybody,
            record: Record::Nothing,
        }
    }

    /// A page that shows nobody's data.
    pub const fn page(path: &'static str, access: Access) -> Self {
        Self {
            method: "GET",
            path,
            access,
            record: Record::Nothing,
        }
    }

    /// A form about one's own account; whoever carries it out writes into the trail what came of it.
    pub const fn own(path: &'static str) -> Self {
        Self {
            method: "POST",
            path,
            access: Access::SignedIn,
            record: Record::Nothing,
        }
    }

    /// A page that shows people's data.
    pub const fn look(path: &'static str, access: Access, code: &'static str, label: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            access,
            record: Record::Look(Action { code, label }),
        }
    }

    /// A form that shows people's data, and changes nothing: a reveal, a file with a purpose.
    pub const fn ask(path: &'static str, access: Access, code: &'static str, label: &'static str) -> Self {
        Self {
            method: "POST",
            ..Self::look(path, access, code, label)
        }
    }

    /// A form that changes something.
    pub const fn change(path: &'static str, access: Access, code: &'static str, label: &'static str) -> Self {
        Self {
            method: "POST",
            path,
            access,
            record: Record::Change(Action { code, label }),
        }
    }

    /// What the entry is called, if one is kept.
    pub const fn action(&self) -> Option<Action> {
        match self.record {
            Record::Nothing => None,
            Record::Look(action) | Record::Change(action) => Some(action),
        }
    }

    /// What the address names: the kind by its first word, the number by `{id}`.
    fn subject(&self, path: &str) -> Option<(&'static str, i64)> {
        let mut asked = path.split('/');
        let mut named = self.path.split('/');
        let kind = named.nth(1)?;
        asked.nth(1)?;
        let id = named.zip(asked).find(|(name, _)| *name == "{id}")?.1;
        Some((kind, id.parse().ok()?))
    }
}

type Table = HashMap<(&'static str, &'static str), &'static Route>;

#[derive(Clone)]
struct Guard {
    accounts: Accounts,
    table: Arc<Table>,
}

impl Accounts {
    /// Closes every route that `router` has so far to whoever the table of [`Accounts::with_routes`] does not admit,
    /// and keeps what it says. Belongs inside of [`Accounts::layer`] and of the layer that makes pages of errors.
    pub fn guard<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        let table = self
            .routes
            .iter()
            .map(|route| ((route.method, route.path), route))
            .collect();
        let guard = Guard {
            accounts: self.clone(),
            table: Arc::new(table),
        };
        router.route_layer(middleware::from_fn_with_state(guard, check))
    }

    /// What pages may offer to somebody with these roles; nothing is known without a table.
    pub(crate) fn reach(&self, roles: Roles) -> Option<Reach> {
        let routes = self.routes;
        (!routes.is_empty()).then(|| {
            Reach::new(move |method, path| {
                let mut named = routes
                    .iter()
                    .filter(|route| route.method == method && route.path == path);
                // What is not in the table is another host's.
                named.all(|route| route.access.admits(|permission| roles.may(permission)))
            })
        })
    }
}

async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let method = match *request.method() {
        Method::HEAD => "GET",
        ref other => other.as_str(),
    };
    let path = request.extensions().get::<MatchedPath>();
    let route = path.and_then(|path| guard.table.get(&(method, path.as_str())).copied());
    let Some(route) = route else {
        // The router knows the path, perhaps with another method; the table does not.
        return PageError::NotFound.into_response();
    };
    if route.access == Access::Anybody {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let session = match SignedIn::from_request_parts(&mut parts, &()).await {
        Ok(session) => session,
        Err(stranger) => return NotSignedIn::into_response(stranger),
    };
    let Ok(source) = SourceAddress::from_request_parts(&mut parts, &()).await;
    let entry = route.action().map(|action| {
        let entry = Entry::of(action).by(&session.staff).from(source);
        match route.subject(parts.uri.path()) {
            Some((kind, id)) => entry.about(kind, id),
            None => entry,
        }
    });
    let kept = Kept {
        accounts: guard.accounts,
        org: session.staff.org,
        entry,
    };
    if !route.access.admits(|permission| session.staff.may(permission)) {
        return kept
            .refusal()
            .await
            .unwrap_or_else(|| PageError::NotFound.into_response());
    }
    let request = Request::from_parts(parts, body);
    kept.answer(route.record, request, next).await
}

/// What the audit trail keeps of one request.
struct Kept {
    accounts: Accounts,
    org: OrgId,
    entry: Option<Entry>,
}

impl Kept {
    async fn answer(self, record: Record, request: Request, next: Next) -> Response {
        let Some(entry) = self.entry.clone() else {
            return next.run(request).await;
        };
        let note = Arc::new(Note::default());
        let (companion, answer) = match record {
            Record::Change(_) => {
                match audit::companion(&self.accounts.db, self.org, entry.clone(), &note).await {
                    Ok(companion) => {
                        let work = Arc::clone(&note).around(next.run(request));
                        let answer = companion.around(work).await;
                        (Some(companion), answer)
                    }
                    Err(error) => return failed(error).into_response(),
                }
            }
            _ => (None, Arc::clone(&note).around(next.run(request)).await),
        };
        let instead = match answer.status() {
            StatusCode::NOT_FOUND => self.refusal().await,
            // Nothing was shown yet: the person has to prove who it is first.
            _ if leads_to_step_up(&answer) => None,
            status if status.is_success() || status.is_redirection() => match companion {
                // A refusal at the form, a reload: there was nothing to write it with.
                Some(_) => None,
                None => self.write(note.onto_each(entry)).await,
            },
            _ => None,
        };
        instead.unwrap_or(answer)
    }

    /// Keeps that somebody asked for what is not theirs. An answer only if that could not be kept.
    async fn refusal(&self) -> Option<Response> {
        let entry = self.entry.clone()?;
        self.write(vec![entry.refused()]).await
    }

    async fn write(&self, entries: Vec<Entry>) -> Option<Response> {
        let written = audit::record_all(&self.accounts.db, self.org, entries).await;
        // What cannot be recorded is not shown.
        written.err().map(|error| failed(error).into_response())
    }
}

fn leads_to_step_up(answer: &Response) -> bool {
    let to = answer.headers().get(header::LOCATION);
    to.is_some_and(|to| to.as_bytes().starts_with(b"/step-up?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_its_subject() {
        const ACCESS: Access = Access::SignedIn;
        let stop = Route::change("/broadcasts/{id}/stop", ACCESS, "broadcast.stop", "配信を止めた");
        assert_eq!(stop.subject("/broadcasts/17/stop"), Some(("broadcasts", 17)));
        assert_eq!(stop.subject("/broadcasts/x/stop"), None);
        let file = Route::page("/lists/files/{id}", ACCESS);
        assert_eq!(file.subject("/lists/files/3"), Some(("lists", 3)));
        assert_eq!(Route::page("/calls", ACCESS).subject("/calls"), None);
    }
}
