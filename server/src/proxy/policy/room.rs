//! Room for the bodies of calls that are read whole: bounded together, since many of them may wait at once.

use std::sync::Arc;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls up to this size are read whole, in bytes: as large as the API takes messages.
const MOST_BYTES: u64 = 32 << 20;
/// What all of them may take together, in bytes.
const ALL_BYTES: usize = 256 << 20;

/// Room that is left.
pub struct Room(Arc<Semaphore>);

/// A body that has been read whole.
pub struct Whole {
    /// The body.
    pub body: Bytes,
    /// The room it takes, for as long as it is kept.
    pub room: Option<Arc<OwnedSemaphorePermit>>,
}

impl Default for Room {
    fn default() -> Self {
        Room(Arc::new(Semaphore::new(ALL_BYTES)))
    }
}

impl Room {
    /// Reads a body whole. One that is too large, or for which there is no room, comes back as a stream, with what was
    /// read at its front.
    pub async fn collect(&self, body: Body) -> Result<Whole, Body> {
        let mut body = body;
        // What is announced is set aside before it comes, so that it need not be given up half-way.
        let announced = body.size_hint().lower();
        if announced > MOST_BYTES {
            return Err(body);
        }
        let Some(mut room) = self.take(announced) else { return Err(body) };
        let mut read = Read::default();
        loop {
            match body.frame().await {
                None => return Ok(Whole { body: read.whole(), room: Some(Arc::new(room)) }),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        read.add(data);
                    }
                }
                // Who sends it has gone, or will hear of it from the API.
                Some(Err(error)) => {
                    let front = stream::iter([Ok(read.whole()), Err(error)]);
                    return Err(Body::from_stream(front));
                }
            }
            let more = read.length.saturating_sub(room.num_permits() as u64);
            match self.take(more).filter(|_| read.length <= MOST_BYTES) {
                Some(more) => room.merge(more),
                None => {
                    let front = stream::iter([Ok(read.whole())]);
                    return Err(Body::from_stream(front.chain(body.into_data_stream())));
                }
            }
        }
    }

    fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }
}

/// What has come of a body. Most come in one piece, which is not copied.
#[derive(Default)]
struct Read {
    first: Bytes,
    all: BytesMut,
    length: u64,
}

impl Read {
    fn add(&mut self, data: Bytes) {
        self.length += data.len() as u64;
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
            return;
        }
        let first = std::mem::take(&mut self.first);
        self.all.extend_from_slice(&first);
        self.all.extend_from_slice(&data);
    }

    fn whole(&mut self) -> Bytes {
        match self.all.is_empty() {
            true => std::mem::take(&mut self.first),
            false => std::mem::take(&mut self.all).freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(count: usize, bytes: usize) -> Body {
        let chunk = Bytes::from(vec![b'x'; bytes]);
        Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, std::io::Error>(chunk.clone()))))
    }

    async fn passes_whole(room: &Room, body: Body, bytes: usize) {
        let Err(large) = room.collect(body).await else { panic!("it was read") };
        assert_eq!(large.collect().await.expect("all").to_bytes().len(), bytes);
    }

    #[tokio::test]
    async fn one_piece_is_not_copied_and_several_are_put_together() {
        let room = Room::default();
        let hello = Bytes::from(b"hello".to_vec());
        let Ok(whole) = room.collect(Body::from(hello.clone())).await else { panic!("it is small") };
        assert_eq!(whole.body.as_ptr(), hello.as_ptr());
        assert_eq!(room.collect(chunks(3, 5)).await.expect("it is small").body, vec![b'x'; 15]);
        assert!(room.collect(Body::empty()).await.expect("it is small").body.is_empty());
    }

    #[tokio::test]
    async fn what_is_too_large_is_passed_on_whole() {
        let room = Room::default();
        passes_whole(&room, chunks(9, 5 << 20), 45 << 20).await;
        passes_whole(&room, Body::from(vec![b'x'; 33 << 20]), 33 << 20).await;
        assert_eq!(room.0.available_permits(), ALL_BYTES);
    }

    #[tokio::test]
    async fn bodies_take_no_more_than_there_is_room_for_and_give_it_back() {
        let room = Room::default();
        let mut kept = Vec::new();
        for _ in 0..8 {
            kept.push(room.collect(Body::from(vec![b'x'; 32 << 20])).await.expect("there is room"));
        }
        assert_eq!(room.0.available_permits(), 0);
        passes_whole(&room, Body::from("hello"), 5).await;
        passes_whole(&room, chunks(2, 5), 10).await;
        kept.pop();
        assert_eq!(room.collect(chunks(2, 5)).await.expect("there is room").body.len(), 10);
    }
}
