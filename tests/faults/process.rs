//! What this process holds, by the account of the Linux kernel; nothing where there is none.

use std::fs;

const PAGE: f64 = 4096.0;
const MIB: f64 = 1024.0 * 1024.0;

/// The memory that is resident, in MiB.
pub fn resident_mib() -> f64 {
    // In pages; the second field is the resident set.
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0.0) * PAGE / MIB
}

/// How many sockets are open.
pub fn open_sockets() -> usize {
    let Ok(entries) = fs::read_dir("/proc/self/fd") else {
        return 0;
    };
    let targets = entries
        .flatten()
        .flat_map(|entry| fs::read_link(entry.path()));
    targets
        .filter(|target| target.to_string_lossy().starts_with("socket:"))
        .count()
}
