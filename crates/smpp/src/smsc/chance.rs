//! Chance without chance: numbers that depend on the seed and on what is decided, and on nothing else.

/// A stream of numbers.
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    pub(super) fn new(seed: u64, subject: u64, times_seen: u32) -> Self {
        let mut chance = Self { state: seed };
        chance.state = chance.number() ^ subject;
        chance.state = chance.number() ^ u64::from(times_seen);
        chance
    }

    /// `SplitMix64` (Steele, Lea, Flood 2014): every seed gives well-mixed numbers at once.
    fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 (included) to 1 (not).
    pub(super) fn fraction(&mut self) -> f64 {
        let high = u32::try_from(self.number() >> 32).expect("32 bits are left");
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    /// True for this fraction of all subjects.
    pub(super) fn hits(&mut self, fraction: f64) -> bool {
        self.fraction() < fraction
    }
}

/// FNV-1a, 64 bits, over several fields; their borders count.
pub(super) fn fingerprint(fields: &[&[u8]]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for field in fields {
        for &octet in *field {
            hash = (hash ^ u64::from(octet)).wrapping_mul(0x0100_0000_01B3);
        }
        hash = (hash ^ 0x1FF).wrapping_mul(0x0100_0000_01B3);
    }
    hash
}
