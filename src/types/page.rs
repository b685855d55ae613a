//! Pages of a list.

use super::Field;
use crate::model::object::model;

model! {
    /// Position of a page in its list, with the cursors of its neighbors.
    #[derive(Default)]
    pub struct PageInfo => {
        /// The name of this type in the API.
        pub type_name as "__typename": Field<String>,
        /// The cursor of the next page. Null on the last page.
        pub after: Field<String>,
        /// The cursor of the previous page. Null on the first page.
        pub before: Field<String>,
        /// Most items of a page. 50 unless the call asked for fewer.
        pub page_size: Field<i64>,
        /// Number of items of the whole list. The service stops counting at 10,000.
        pub total_count: Field<i64>,
    }
}

/// A response that is one page of a list.
pub trait Page: Send + 'static {
    /// Item of the list.
    type Item;

    /// The items of this page.
    fn items(&self) -> &[Self::Item];

    /// The items of this page, moved out.
    fn into_items(self) -> Vec<Self::Item>;

    /// Position of this page in the list.
    fn page_info(&self) -> Option<&PageInfo>;

    /// The cursor of the next page; none on the last one.
    fn next_cursor(&self) -> Option<&str> {
        self.page_info()?.after.as_deref()
    }

    /// The cursor of the previous page; none on the first one.
    fn previous_cursor(&self) -> Option<&str> {
        self.page_info()?.before.as_deref()
    }
}

/// Makes a list response a [`Page`], from the names of its list and its page information.
macro_rules! page {
    ($response:ident of $item:ident: $items:ident, $page_info:ident) => {
        impl $crate::types::Page for $response {
            type Item = $item;

            fn items(&self) -> &[$item] {
                self.$items.as_slice()
            }

            fn into_items(self) -> Vec<$item> {
                self.$items.into_iter().collect()
            }

            fn page_info(&self) -> Option<&$crate::types::PageInfo> {
                Option::from(&self.$page_info)
            }
        }
    };
}

pub(super) use page;
