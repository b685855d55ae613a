//! Lists that are longer than a page: the cursor that moves through them, pages fetched one ahead,
//! and the iterator over their items.

mod circle;
pub(crate) mod cursor;
mod pager;
pub(crate) mod prefetch;

pub use pager::Pager;
