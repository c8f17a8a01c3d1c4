#![forbid(unsafe_code)]
//! The shell of every page: layout, forms, CSRF, errors, paging, times, static files and the look.
//!
//! A page is an askama template that extends `base.html` and has one field `shell: Shell`. Its
//! handler takes [`Shell`] as an extractor, gives it a title and returns [`Page`]. Components
//! ([`ui`], [`form`], [`paging`]) are plain values; a template writes them as `{{ value }}` and they
//! come out as markup that is already escaped.
//!
//! Who is signed in is not known here. Whoever does know puts a [`Viewer`] and a [`CsrfToken`] into
//! the request's extensions; everything below reads them from there.
//!
//! Layers, from the outside in: [`outer`] (security headers, compression, panics, the [`Site`]), then
//! the sign-in layer, then [`error::pages`] (so that an error page shows who is signed in), then the
//! routes.
//!
//! This crate is not a component library for others and holds no rule of the product.

// Templates name things as `web::…` wherever they are compiled, in this crate too.
extern crate self as web;

mod asked;
pub mod assets;
pub mod chart;
pub mod csrf;
pub mod download;
pub mod error;
pub mod form;
pub mod headers;
pub mod language;
pub mod live;
pub mod number;
mod page;
pub mod paging;
mod resident;
mod shell;
pub mod time;
pub mod ui;

pub use asked::{Id, NoFields};
pub use assets::Asset;
pub use csrf::{CsrfForm, CsrfMultipart, CsrfToken};
pub use error::{OrBug, PageError};
pub use form::{Errors, Field};
pub use language::Language;
pub use page::{Page, after_post, after_post_with};
pub use paging::Paging;
pub use resident::ResidentShell;
pub use shell::{Environment, NavEntry, NavGroup, Reach, SessionEnd, Shell, Site, Viewer, outer};
