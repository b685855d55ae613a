/// The version of the ABI that this header describes, also the number in the library's soname.
/// It changes when something that is here changes its meaning or goes; new functions, statuses
/// and JSON keys do not change it.
pub const KNOCK_ABI_VERSION: u32 = 1;
