//! skeleton
#![allow(missing_docs)]
use super::request::Known;
use super::route::Endpoint;
use crate::usage::*;
pub struct UsageMeter;
impl UsageMeter {
    pub fn new(_: Endpoint, _: u16, _: Option<&str>, _: Option<&str>) -> Self {
        UsageMeter
    }
    pub fn feed(&mut self, _: &[u8]) {}
    pub fn take_items(&mut self) -> Vec<BatchItem> {
        Vec::new()
    }
    pub fn has_begun_output(&self) -> bool {
        false
    }
    pub fn finish(self) -> Metered {
        Metered::default()
    }
}
#[derive(Default)]
pub struct Metered {
    pub usage: Usage,
    pub iterations: Vec<Iteration>,
    pub model: Option<String>,
    pub message_id: Option<String>,
    pub stop_reason: String,
    pub service_tier: ServiceTier,
    pub fast: bool,
    pub geo_us: bool,
    pub failure: Option<ApiFailure>,
    pub is_complete: bool,
    pub streamed: bool,
    pub generated_bytes: u64,
    pub fault: Option<()>,
}
pub struct BatchItem {
    pub message_id: Option<String>,
    pub model: Option<String>,
    pub usage: Usage,
    pub iterations: Vec<Iteration>,
    pub stop_reason: String,
    pub service_tier: ServiceTier,
    pub failure: Option<ApiFailure>,
}
pub struct RequestReader;
impl RequestReader {
    pub fn new(_: Option<&str>) -> Self {
        RequestReader
    }
    pub fn feed(&mut self, _: &[u8]) {}
    pub fn known(&self) -> Known {
        Known::default()
    }
}
