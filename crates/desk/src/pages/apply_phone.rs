//! What these pages need of postcodes and of codes sent to phones.

pub(super) use crate::postcode::{Area, find};
pub(super) use crate::store::phone_codes::{CodeChecked, CodeSent, check, send};
