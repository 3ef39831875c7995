//! Statistics of render times, kept from one run of the program to the next.
//!
//! One file per endpoint and organization in the state directory. The organization is known from the
//! first record only, so that a run begins with that of the run before. A run adds what it learned to
//! the file each minute and at its end: it reads, merges and replaces the file under a lock, so that
//! several programs can. The files are of use, but not needed: whatever is wrong with them is logged, and
//! the run goes on without them. Simulated clips are not kept, because no real clip renders like them.

mod file;
mod location;
#[cfg(test)]
mod tests;

pub(crate) use location::{HistoryEntry, clear, entries, root};

use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use rhombus_clips::polling::{History, HistorySnapshot};
use rhombus_clips::{Client, Clip};

use crate::cli::{HistoryArgs, SimulationArgs};
use crate::config::Settings;

/// Interval at which a long run saves what it learned, so that one that is killed loses little. Chosen, not
/// tuned: a write of 25 KiB does not matter once a minute.
const SAVE_INTERVAL: Duration = Duration::from_secs(60);

/// The history of a client, with its place in the state directory. Saved at the latest when dropped.
#[derive(Debug)]
pub(crate) struct SavedHistory {
    history: History,
    root: PathBuf,
    /// Name of the endpoint's folder in the root.
    endpoint: String,
    /// Name of the organization's file: that of the last run until a record names one.
    organization: Option<String>,
    /// Whether the settings name it.
    is_configured: bool,
    /// Whether a record names it.
    is_confirmed: bool,
    /// When it was saved, or loaded.
    saved_at: Instant,
}

impl SavedHistory {
    /// Loads the history of a client's endpoint, unless the user or the lack of a home directory turns it
    /// off, or the service is simulated.
    pub(crate) fn of_client(
        args: HistoryArgs,
        simulation: &SimulationArgs,
        settings: &Settings,
        client: &Client,
    ) -> Option<Self> {
        let is_on = settings.history.value && !args.no_history && !simulation.simulate;
        let root = root().filter(|_| is_on)?;
        let endpoint_url = &settings.endpoint_url.value;
        let organization = settings.organization.as_ref();
        let organization = organization.map(|organization| organization.value.as_str());
        Some(Self::load(
            root,
            endpoint_url,
            organization,
            client.history(),
        ))
    }

    /// Loads what is saved for an endpoint into the history; `organization` is the one that the client
    /// acts for, where that is a setting.
    fn load(
        root: PathBuf,
        endpoint_url: &str,
        organization: Option<&str>,
        history: &History,
    ) -> Self {
        let endpoint = location::endpoint_name(endpoint_url);
        let organization = organization.and_then(location::organization_name);
        let is_configured = organization.is_some();
        let organization =
            organization.or_else(|| location::last_organization(&root.join(&endpoint)));
        let saved = Self {
            history: history.clone(),
            root,
            endpoint,
            organization,
            is_configured,
            is_confirmed: false,
            saved_at: Instant::now(),
        };
        history.merge(&saved.read(), SystemTime::now());
        saved
    }

    /// Takes the organization from the first record that names it, and saves at intervals.
    pub(crate) fn observe(&mut self, clip: &Clip) {
        self.observe_at(clip, Instant::now());
    }

    fn observe_at(&mut self, clip: &Clip, now: Instant) {
        self.confirm_organization(clip);
        let is_due = now.saturating_duration_since(self.saved_at) >= SAVE_INTERVAL;
        if self.is_known() && is_due {
            self.saved_at = now;
            self.save();
        }
    }

    fn confirm_organization(&mut self, clip: &Clip) {
        if self.is_confirmed {
            return;
        }
        let organization = clip.record().org_uuid.as_deref();
        let Some(name) = organization.and_then(location::organization_name) else {
            return;
        };
        self.is_confirmed = true;
        if self.organization.as_ref() != Some(&name) {
            self.organization = Some(name);
            self.history.replace(&self.read(), SystemTime::now());
        }
    }

    /// Adds what was learned since the last call to the file.
    pub(crate) fn save(&mut self) {
        let now = SystemTime::now();
        let learned = self.history.take_learned(now);
        if learned.is_empty() {
            return;
        }
        // What was learned of an unknown organization is none of the last one's.
        let organization = self.organization.as_deref();
        let organization = organization.filter(|_| self.is_known());
        let path = location::file(&self.root, &self.endpoint, organization);
        match file::add(&path, &learned, now) {
            Ok(is_new) if is_new => location::prune(&self.root),
            Ok(_) => {}
            Err(error) => file::log(&path, "written", &error),
        }
    }

    fn is_known(&self) -> bool {
        self.is_configured || self.is_confirmed
    }

    fn path(&self) -> PathBuf {
        location::file(&self.root, &self.endpoint, self.organization.as_deref())
    }

    fn read(&self) -> HistorySnapshot {
        let path = self.path();
        file::read(&path).unwrap_or_else(|error| {
            if error.kind() != ErrorKind::NotFound {
                file::log(&path, "read", &error);
            }
            HistorySnapshot::default()
        })
    }
}

impl Drop for SavedHistory {
    fn drop(&mut self) {
        self.save();
    }
}
