//! As much CBOR (RFC 8949) as authenticators write: values of known length, no tags, no fractions, nested a
//! few levels deep. Everything else is refused.

/// How deep values may nest; an attestation statement with certificates needs three.
const DEPTH: u8 = 6;

/// One value; text and bytes are pieces of the input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Value<'a> {
    Number(i64),
    Bytes(&'a [u8]),
    Text(&'a str),
    List(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    /// `false`, `true`, `null`.
    Simple(u8),
}

impl<'a> Value<'a> {
    /// Reads one value and gives what comes after it.
    pub(crate) fn read(input: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let mut reader = Reader { rest: input };
        let value = reader.value(DEPTH)?;
        Some((value, reader.rest))
    }

    /// Reads one value that is the whole input.
    pub(crate) fn read_all(input: &'a [u8]) -> Option<Self> {
        let (value, rest) = Self::read(input)?;
        rest.is_empty().then_some(value)
    }

    /// What a map holds under this text.
    pub(crate) fn at(&self, key: &str) -> Option<&Self> {
        self.entry(&Value::Text(key))
    }

    /// What a map holds under this number.
    pub(crate) fn at_number(&self, key: i64) -> Option<&Self> {
        self.entry(&Value::Number(key))
    }

    fn entry(&self, key: &Value<'_>) -> Option<&Self> {
        let Value::Map(entries) = self else { return None };
        entries
            .iter()
            .find(|(found, _)| found == key)
            .map(|(_, value)| value)
    }

    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self) -> Option<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    pub(crate) fn text(&self) -> Option<&'a str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// A value's kind (three bits) and its number (RFC 8949 section 3).
    fn head(&mut self) -> Option<(u8, u64)> {
        let first = self.take(1)?[0];
        let number = match first & 0x1f {
            small @ 0..24 => u64::from(small),
            wide @ 24..=27 => {
                let bytes = self.take(1 << (wide - 24))?;
                bytes
                    .iter()
                    .fold(0, |number, byte| number << 8 | u64::from(*byte))
            }
            // Values of unknown length.
            _ => return None,
        };
        Some((first >> 5, number))
    }

    fn value(&mut self, depth: u8) -> Option<Value<'a>> {
        let depth = depth.checked_sub(1)?;
        let (kind, number) = self.head()?;
        match kind {
            0 => i64::try_from(number).ok().map(Value::Number),
            1 => i64::try_from(number)
                .ok()
                .map(|number| Value::Number(-1 - number)),
            2 => self.take(usize::try_from(number).ok()?).map(Value::Bytes),
            3 => {
                let bytes = self.take(usize::try_from(number).ok()?)?;
                std::str::from_utf8(bytes).ok().map(Value::Text)
            }
            4 => self
                .repeated(number, |reader| reader.value(depth))
                .map(Value::List),
            5 => {
                let entry = |reader: &mut Self| Some((reader.value(depth)?, reader.value(depth)?));
                let entries = self.repeated(number, entry)?;
                let repeats = |(index, (key, _)): (usize, &(Value<'_>, _))| {
                    entries[..index].iter().any(|(earlier, _)| earlier == key)
                };
                (!entries.iter().enumerate().any(repeats)).then_some(Value::Map(entries))
            }
            7 if (20..=22).contains(&number) => u8::try_from(number).ok().map(Value::Simple),
            _ => None,
        }
    }

    /// The list grows only as far as there is input for it.
    fn repeated<T>(&mut self, count: u64, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut all = Vec::new();
        for _ in 0..count {
            all.push(one(self)?);
        }
        Some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Examples of RFC 8949 appendix A.
    #[test]
    fn values_of_the_rfc() {
        for (bytes, value) in [
            (&b"\x00"[..], Value::Number(0)),
            (b"\x18\x64", Value::Number(100)),
            (b"\x1a\x00\x0f\x42\x40", Value::Number(1_000_000)),
            (b"\x20", Value::Number(-1)),
            (b"\x38\x63", Value::Number(-100)),
            (b"\x39\x01\x00", Value::Number(-257)),
            (b"\x44\x01\x02\x03\x04", Value::Bytes(&[1, 2, 3, 4])),
            (b"\x62\xc3\xbc", Value::Text("ü")),
            (
                b"\x82\x01\xf5",
                Value::List(vec![Value::Number(1), Value::Simple(21)]),
            ),
            (
                b"\xa1\x61a\x01",
                Value::Map(vec![(Value::Text("a"), Value::Number(1))]),
            ),
        ] {
            assert_eq!(Value::read_all(bytes), Some(value), "{bytes:x?}");
        }
    }

    #[test]
    fn what_no_authenticator_writes_is_refused() {
        for bytes in [
            &b""[..],
            b"\x00\x00",                             // something after it
            b"\x5f\x41\x01\xff",                     // unknown length
            b"\xc0\x60",                             // a tag
            b"\xf9\x3c\x00",                         // a fraction
            b"\x62\xff\xff",                         // no UTF-8
            b"\x44\x01",                             // cut off
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", // a list longer than anything
            b"\xa2\x01\x01\x01\x02",                 // one key twice
            b"\x81\x81\x81\x81\x81\x81\x81\x00",     // too deep
        ] {
            assert_eq!(Value::read_all(bytes), None, "{bytes:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some((_, rest)) = Value::read(&bytes) {
                prop_assert!(rest.len() < bytes.len());
            }
        }
    }
}
