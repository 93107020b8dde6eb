//! Decoders against small tables made here, and against the real payloads beside the checkout.

mod shared;
mod tables;
