//! How long a bucket is.

/// The length of a rollup's buckets. Buckets start at multiples of it, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grain {
    /// 60 seconds.
    Minute,
    /// 60 minutes.
    Hour,
    /// 24 hours.
    Day,
}

impl Grain {
    /// The next shorter one, of which it is whole buckets; nothing below a minute.
    pub fn finer(self) -> Option<Grain> {
        match self {
            Grain::Minute => None,
            Grain::Hour => Some(Grain::Minute),
            Grain::Day => Some(Grain::Hour),
        }
    }

    /// Its length in seconds.
    pub fn length_s(self) -> i64 {
        match self {
            Grain::Minute => 60,
            Grain::Hour => 3_600,
            Grain::Day => 86_400,
        }
    }

    /// Its length in milliseconds.
    pub fn length_ms(self) -> i64 {
        self.length_s() * 1_000
    }

    /// Start of the bucket that `at_ms` falls in, Unix milliseconds.
    pub fn bucket_start(self, at_ms: i64) -> i64 {
        at_ms.div_euclid(self.length_ms()).saturating_mul(self.length_ms())
    }
}
