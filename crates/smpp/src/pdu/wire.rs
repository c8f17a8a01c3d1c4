//! Reading and writing the basic field types of SMPP 3.4 section 3.1.

use super::status::CommandStatus;

/// A PDU whose frame was whole but whose body did not follow SMPP 3.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field} is cut short")]
pub struct Malformed {
    /// The field at which reading failed.
    pub field: &'static str,
}

/// A PDU that cannot be written: a field does not fit what SMPP 3.4 allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("field {field} {problem}")]
pub struct EncodeError {
    /// The field that does not fit.
    pub field: &'static str,
    problem: &'static str,
}

impl EncodeError {
    pub(super) fn too_long(field: &'static str) -> Self {
        Self {
            field,
            problem: "is too long",
        }
    }

    fn letters(field: &'static str) -> Self {
        Self {
            field,
            problem: "holds a letter that SMPP cannot carry",
        }
    }

    /// The status with which an SMSC would have refused the same PDU.
    pub fn command_status(&self) -> CommandStatus {
        match self.field {
            "source_addr" => CommandStatus::ESME_RINVSRCADR,
            "destination_addr" => CommandStatus::ESME_RINVDSTADR,
            "service_type" => CommandStatus::ESME_RINVSERTYP,
            "schedule_delivery_time" => CommandStatus::ESME_RINVSCHED,
            "validity_period" => CommandStatus::ESME_RINVEXPIRY,
            "short_message" | "command_length" => CommandStatus::ESME_RINVMSGLEN,
            _ => CommandStatus::ESME_RINVPARLEN,
        }
    }
}

/// Walks over the body of one PDU. Never reads past its end.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(body: &'a [u8]) -> Self {
        Self { rest: body }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, Malformed> {
        let (&first, rest) = self.rest.split_first().ok_or(Malformed { field })?;
        self.rest = rest;
        Ok(first)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, Malformed> {
        let (octets, rest) = self.rest.split_first_chunk().ok_or(Malformed { field })?;
        self.rest = rest;
        Ok(u16::from_be_bytes(*octets))
    }

    pub(super) fn octets(&mut self, length: usize, field: &'static str) -> Result<&'a [u8], Malformed> {
        let (octets, rest) = self.rest.split_at_checked(length).ok_or(Malformed { field })?;
        self.rest = rest;
        Ok(octets)
    }

    pub(super) fn c_octet_string(&mut self, field: &'static str) -> Result<String, Malformed> {
        let end = self
            .rest
            .iter()
            .position(|&octet| octet == 0)
            .ok_or(Malformed { field })?;
        let text = latin1(&self.rest[..end]);
        self.rest = &self.rest[end + 1..];
        Ok(text)
    }

    /// A C-octet string that may end with the body: some SMSCs leave out the NUL, or the whole field, in
    /// their answers.
    pub(super) fn last_c_octet_string(&mut self, field: &'static str) -> String {
        self.c_octet_string(field)
            .unwrap_or_else(|_| latin1(std::mem::take(&mut self.rest)))
    }
}

/// Octets as text, one letter an octet, so that nothing is lost whatever a carrier puts into an address.
pub(crate) fn latin1(octets: &[u8]) -> String {
    if octets.is_ascii()
        && let Ok(text) = std::str::from_utf8(octets)
    {
        return text.to_owned();
    }
    octets.iter().map(|&octet| char::from(octet)).collect()
}

/// Writes a C-octet string; `limit` counts the closing NUL, as the tables of SMPP 3.4 do.
pub(super) fn put_c_octet_string(
    out: &mut Vec<u8>,
    text: &str,
    limit: usize,
    field: &'static str,
) -> Result<(), EncodeError> {
    let start = out.len();
    if text.is_ascii() {
        out.extend_from_slice(text.as_bytes());
    } else {
        for letter in text.chars() {
            out.push(u8::try_from(letter).map_err(|_| EncodeError::letters(field))?);
        }
    }
    if out[start..].contains(&0) {
        return Err(EncodeError::letters(field));
    }
    out.push(0);
    if out.len() - start > limit {
        Err(EncodeError::too_long(field))
    } else {
        Ok(())
    }
}
