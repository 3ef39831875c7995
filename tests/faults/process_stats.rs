//! Resource usage of this process, as reported by the Linux kernel; zero on other systems.

use std::fs;

/// Page size of x86-64 and most AArch64 kernels. A larger one only scales the figures.
const PAGE_BYTES: f64 = 4096.0;
const MIB: f64 = 1024.0 * 1024.0;

/// Resident memory in MiB.
pub fn resident_mib() -> f64 {
    // The second field of `statm` is the resident set, in pages.
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0.0) * PAGE_BYTES / MIB
}

/// Number of open sockets.
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
