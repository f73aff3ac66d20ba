//! Which values of a limit have a meter of their own, and what becomes of the others.
//!
//! A limit on each value keeps so many meters and no more, whoever makes up values. The values beyond share one meter,
//! called [`OVERFLOW`]. Two things always hold, so that a flood buys nobody anything:
//!
//! - What is counted of one value is in one place, as far as it still matters: in its own meter, which is exact, or in
//!   the shared one, which holds no less than the value has used. So who has been counted in the shared meter stays
//!   there until that is forgotten ([`Sharers`]).
//! - What has been counted does not vanish: a value that loses its meter takes its count along to the shared one.
//!
//! The value that has used least makes room, of several the one that was used least lately. One that is near its limit
//! keeps its meter: then the newcomer shares.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use vocabulary::Dimension;

use super::sharers::Sharers;
use crate::limits::limit::{Limit, Scope};
use crate::limits::meter::Meter;
use crate::pricing::canonical;
use crate::rollup::OVERFLOW;

/// Meters by value.
pub(super) struct Places {
    /// The shared one is among them.
    meters: HashMap<String, Meter>,
    sharers: Sharers,
    /// Values with a meter of their own, at most.
    room: usize,
    /// Those values as they were when they were put here: none has used less since, and one that has used more is put
    /// here again when its turn comes. Empty while nobody needs to make room.
    ranked: BinaryHeap<Reverse<Rank>>,
    /// Spellings of one model count as one value when a call begins.
    of_models: bool,
}

/// What is used, when that was last, and by which value: the lowest makes room, and of equals the last by name.
type Rank = (i128, i64, Reverse<String>);

impl Places {
    pub fn new(limit: &Limit, room: usize) -> Self {
        Places {
            meters: HashMap::new(),
            sharers: Sharers::new(&limit.id),
            room,
            ranked: BinaryHeap::new(),
            of_models: limit.scope == Scope::Each(Dimension::Model),
        }
    }

    /// Where a value is counted: its own name, or that of the shared meter.
    pub fn place_of<'a>(&self, value: &'a str) -> &'a str {
        if !self.meters.contains_key(value) && self.is_sharer(value) { OVERFLOW } else { value }
    }

    /// Whether a call that begins now is held against the shared meter: one of these names of its value may be counted
    /// there; or none has a meter and there is no room for another, so that it may be one of many that were made up.
    pub fn are_held_together(&self, names: &[&str], now_ms: i64) -> bool {
        if self.is_over(now_ms) {
            return false;
        }
        let has_meter = |name: &&str| self.meters.contains_key(*name);
        names.iter().any(|name| self.place_of(name) == OVERFLOW)
            || self.of_models && names.iter().any(|name| self.is_sharer(name))
            || self.counted_apart() >= self.room && !names.iter().any(has_meter)
    }

    /// What counts a value: its own meter, or the shared one. Nothing where nothing is counted.
    pub fn get(&self, value: &str) -> Option<&Meter> {
        self.meters.get(self.place_of(value))
    }

    /// The same, to take something back.
    pub fn get_mut(&mut self, value: &str) -> Option<&mut Meter> {
        self.meters.get_mut(self.place_of(value))
    }

    /// Whether a value may have been counted together with others.
    pub fn is_sharer(&self, value: &str) -> bool {
        self.sharers.may_hold(self.sharing_name(value))
    }

    /// Whether any value is counted together with others.
    pub fn overflows(&self) -> bool {
        !self.sharers.is_empty() && self.meters.contains_key(OVERFLOW)
    }

    /// Every value that is counted, that of the shared meter among them.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.meters.keys().map(String::as_str)
    }

    /// The same with what counts each.
    pub fn meters(&self) -> impl Iterator<Item = (&str, &Meter)> {
        self.meters.iter().map(|(value, meter)| (value.as_str(), meter))
    }

    /// Adds to what counts a value, or begins a meter for it. `add` answers until when that matters, if it does. The
    /// answer is a value that has made room, and shares from now on: it may be the one that was added.
    pub fn add(
        &mut self,
        value: &str,
        near: i128,
        begin: impl FnOnce() -> Meter,
        add: impl FnOnce(&mut Meter) -> Option<i64>,
    ) -> Option<String> {
        let place = self.place_of(value);
        if let Some(meter) = self.meters.get_mut(place) {
            let until_ms = add(meter);
            if place != value
                && let Some(until_ms) = until_ms
            {
                self.sharers.note(self.sharing_name(value), until_ms);
            }
            return None;
        }
        let mut meter = begin();
        add(&mut meter)?;
        if meter.is_idle() {
            return None;
        }
        self.meters.insert(place.to_owned(), meter);
        if place == OVERFLOW { None } else { self.make_room(value, near) }
    }

    /// After something was taken back from what counts a value: a meter that counts nothing any more is gone, and one
    /// that counts less may be the next to make room.
    pub fn lessened(&mut self, value: &str) {
        let place = self.place_of(value);
        if self.meters.get(place).is_some_and(Meter::is_idle) {
            self.meters.remove(place);
            self.forget_sharers();
        } else if !self.ranked.is_empty() && place != OVERFLOW {
            self.ranked.extend(self.rank(place).map(Reverse));
        }
    }

    /// Begins anew once the window is over in which values were counted together.
    pub fn begin_anew(&mut self, now_ms: i64) {
        if self.is_over(now_ms) {
            self.prune(now_ms);
        }
    }

    /// Whether nothing of what was counted together matters any more.
    fn is_over(&self, now_ms: i64) -> bool {
        !self.sharers.is_empty()
            && self.meters.get(OVERFLOW).is_some_and(|shared| shared.matters_until_ms() <= now_ms)
    }

    /// Forgets what no reading will need.
    pub fn prune(&mut self, now_ms: i64) {
        self.meters.retain(|_, meter| {
            meter.prune(now_ms);
            !meter.is_idle()
        });
        self.ranked.clear();
        self.sharers.prune(now_ms);
        self.forget_sharers();
    }

    /// Where nothing is counted together, nobody shares.
    fn forget_sharers(&mut self) {
        if !self.meters.contains_key(OVERFLOW) {
            self.sharers.clear();
        }
    }

    fn counted_apart(&self) -> usize {
        self.meters.len() - usize::from(self.meters.contains_key(OVERFLOW))
    }

    /// Has one value share, if a new one was too many.
    fn make_room(&mut self, newcomer: &str, near: i128) -> Option<String> {
        if self.counted_apart() <= self.room {
            self.ranked.clear();
            return None;
        }
        if self.ranked.is_empty() {
            let apart = self.meters.keys().filter(|value| *value != OVERFLOW);
            self.ranked = apart.filter_map(|value| self.rank(value)).map(Reverse).collect();
        } else {
            self.ranked.extend(self.rank(newcomer).map(Reverse));
        }
        let least = self.pop_least()?;
        let goes = if least.0 < near {
            least.2.0
        } else {
            self.ranked.push(Reverse(least));
            newcomer.to_owned()
        };
        let meter = self.meters.remove(&goes)?;
        self.sharers.note(self.sharing_name(&goes), meter.matters_until_ms());
        match self.meters.get_mut(OVERFLOW) {
            Some(shared) => shared.absorb(&meter),
            None => {
                self.meters.insert(OVERFLOW.to_owned(), meter);
            }
        }
        Some(goes)
    }

    /// The value that has used least.
    fn pop_least(&mut self) -> Option<Rank> {
        loop {
            let Reverse(then) = self.ranked.pop()?;
            match self.rank(&then.2.0) {
                Some(now) if now == then => return Some(now),
                // It has counted more since.
                Some(now) => self.ranked.push(Reverse(now)),
                None => {}
            }
        }
    }

    fn rank(&self, value: &str) -> Option<Rank> {
        self.meters.get(value).map(|meter| (meter.total(), meter.last_ms(), Reverse(value.to_owned())))
    }

    /// By which name it is remembered that a value shares.
    fn sharing_name<'a>(&self, value: &'a str) -> &'a str {
        if self.of_models { canonical(value) } else { value }
    }
}
