//! A stream of server-sent events, by the rules of the HTML standard: lines end with CR, LF or CRLF, an empty
//! line ends an event, and an event that is not ended does not count.
//!
//! Nothing of an event is buffered but the values that are kept, so events may be of any size.

use memchr::memchr2;

use super::Metered;
use super::kept::Slot;
use super::merge::Merged;
use super::short::Short;
use super::walk::Walk;
use super::wanted::EVENT;
use crate::read::bounds::Bounds;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const FIELD_BYTES: usize = "\u{feff}event".len();
const NAME_BYTES: usize = "content_block_delta".len();

/// Events that tell something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    MessageStart,
    ContentBlockDelta,
    MessageDelta,
    MessageStop,
    Error,
}

impl Event {
    fn named(name: &[u8]) -> Option<Event> {
        match name {
            b"message_start" => Some(Event::MessageStart),
            b"content_block_delta" => Some(Event::ContentBlockDelta),
            b"message_delta" => Some(Event::MessageDelta),
            b"message_stop" => Some(Event::MessageStop),
            b"error" => Some(Event::Error),
            _ => None,
        }
    }
}

/// Where in a line the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the name of the field.
    Field,
    /// Right behind the colon, where one space is not part of the value.
    Space,
    Value,
}

/// What the value of a line is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Event,
    Data,
    Other,
}

/// Reads a stream.
#[derive(Debug)]
pub(super) struct Sse {
    place: Place,
    field: Field,
    field_name: Short<FIELD_BYTES>,
    is_first_line: bool,
    /// The last byte was a CR, so that an LF now is part of the same end of line.
    after_cr: bool,
    /// The event's name; empty when it has none.
    name: Short<NAME_BYTES>,
    has_data: bool,
    data: Walk,
    usage: Merged,
    metered: Metered,
    has_begun_output: bool,
}

impl Sse {
    pub fn new(bounds: Bounds) -> Self {
        Sse {
            place: Place::Field,
            field: Field::Other,
            field_name: Short::new(),
            is_first_line: true,
            after_cr: false,
            name: Short::new(),
            has_data: false,
            data: Walk::new(EVENT),
            usage: Merged::within(bounds),
            metered: Metered { streamed: true, ..Metered::default() },
            has_begun_output: false,
        }
    }

    pub fn has_begun_output(&self) -> bool {
        self.has_begun_output
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(length) = memchr2(b'\r', b'\n', rest) {
            let (line, end) = rest.split_at(length);
            self.line(line);
            self.end_of_line();
            rest = match end {
                [b'\r', b'\n', rest @ ..] => rest,
                [end, rest @ ..] => {
                    self.after_cr = *end == b'\r' && rest.is_empty();
                    rest
                }
                [] => end,
            };
        }
        self.line(rest);
    }

    /// A piece of a line.
    fn line(&mut self, mut piece: &[u8]) {
        if self.place == Place::Field {
            let Some(colon) = piece.iter().position(|byte| *byte == b':') else {
                self.field_name.push(piece);
                return;
            };
            let (name, value) = piece.split_at(colon);
            self.field_name.push(name);
            self.begin_value();
            piece = value.get(1..).unwrap_or_default();
        }
        if self.place == Place::Space && !piece.is_empty() {
            self.place = Place::Value;
            piece = piece.strip_prefix(b" ").unwrap_or(piece);
        }
        match self.field {
            Field::Event => self.name.push(piece),
            Field::Data if self.reads_data() => self.data.feed(piece),
            Field::Data | Field::Other => {}
        }
    }

    /// The field's name is read.
    fn begin_value(&mut self) {
        let name = self.field_name.get().unwrap_or_default();
        let name = match name.strip_prefix(BYTE_ORDER_MARK) {
            Some(name) if self.is_first_line => name,
            _ => name,
        };
        self.place = Place::Space;
        self.field = match name {
            b"event" => Field::Event,
            b"data" => Field::Data,
            _ => Field::Other,
        };
        match self.field {
            Field::Event => self.name.clear(),
            // Lines of data are joined by line breaks.
            Field::Data if self.has_data && self.reads_data() => self.data.feed(b"\n"),
            Field::Data => self.has_data = true,
            Field::Other => {}
        }
    }

    fn end_of_line(&mut self) {
        if self.place == Place::Field {
            if self.field_name.is_empty() {
                self.end_of_event();
            } else {
                self.begin_value();
            }
        }
        self.field_name.clear();
        self.place = Place::Field;
        self.is_first_line = false;
    }

    /// The event by its name; before that came, when there is none, or one that the API has not (some gateways call
    /// every event `message`), by the type that its data tells.
    fn event(&self) -> Option<Event> {
        if self.tells_nothing() {
            return None;
        }
        let named = self.name.get().and_then(Event::named);
        named.or_else(|| Event::named(self.data.kept().word(Slot::Kind)?.as_bytes()))
    }

    /// The data tells something, by the name of its event as far as it is known.
    fn reads_data(&self) -> bool {
        !self.tells_nothing() && self.name.get() != Some(b"message_stop")
    }

    /// An event of the API's of which nothing is kept.
    fn tells_nothing(&self) -> bool {
        let name = self.name.get().unwrap_or_default();
        matches!(name, b"ping" | b"content_block_start" | b"content_block_stop")
    }

    fn end_of_event(&mut self) {
        if self.has_data
            && let Some(event) = self.event()
        {
            self.read(event);
        }
        self.name.clear();
        self.has_data = false;
        self.data.reset();
    }

    fn read(&mut self, event: Event) {
        let kept = self.data.kept();
        let metered = &mut self.metered;
        let is_whole = self.data.is_done() && !kept.has_lost_usage();
        match event {
            Event::MessageStart | Event::MessageDelta => {
                metered.model = kept.word(Slot::Model).or(metered.model.take());
                metered.message_id = kept.word(Slot::MessageId).or(metered.message_id.take());
                if let Some(stop_reason) = kept.word(Slot::StopReason) {
                    metered.stop_reason = stop_reason;
                }
                match (event, kept.raw(Slot::Usage)) {
                    _ if !is_whole => self.usage.lost(),
                    (Event::MessageStart, Some(usage)) => self.usage.start(usage),
                    (_, Some(usage)) => self.usage.delta(usage),
                    (_, None) => {}
                }
            }
            Event::ContentBlockDelta => {
                self.has_begun_output = true;
                metered.generated_bytes = metered.generated_bytes.saturating_add(self.data.text_bytes());
            }
            Event::MessageStop => metered.is_complete = true,
            Event::Error => metered.failure = Some(kept.failure().unwrap_or_default()),
        }
    }

    pub fn finish(mut self) -> Metered {
        let has_stopped = self.metered.is_complete || !self.metered.stop_reason.is_empty();
        self.metered.output_so_far = self.usage.output_so_far();
        self.metered.set(self.usage.spent(has_stopped));
        self.metered
    }
}
