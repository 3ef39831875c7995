//! Tests of the statistics: what is recorded, merged and faded.

use super::*;

#[test]
fn the_number_of_phases_is_bounded() {
    let mut stats = Stats::default();
    for key in 0..1000 {
        stats.record_phase_end(key, 5.0, 1);
    }
    assert_eq!(stats.phases.len(), MAX_PHASES);
    assert!(stats.phase(999).is_some() && stats.phase(0).is_none());
}

/// A clip that is uploaded and then rendered, with predictions that are off by this factor.
fn record_clip(stats: &mut Stats, upload: f64, render: f64, factor: f64) {
    let total = upload + render;
    stats.record_phase_end(1, upload, 1);
    stats.record_phase_end(2, render, 5);
    stats.record_error(1, render * factor, render);
    let phases = [(1, upload as f32), (2, total as f32)];
    let phases = phases.map(|(key, ended_at)| PhaseEnd { key, ended_at });
    stats.record_completion(total, Some(60.0), &phases);
}

/// Statistics of these clips, in the order of recording.
fn stats_of(clips: impl IntoIterator<Item = u32>) -> Stats {
    let mut stats = Stats::default();
    for clip in clips {
        let phase = f64::from(clip % 5);
        record_clip(
            &mut stats,
            8.0 + phase,
            30.0 + 3.0 * phase,
            1.0 + phase / 10.0,
        );
    }
    stats
}

fn assert_similar(one: &Stats, other: &Stats, tolerance: f64) {
    let numbers = |stats: &Stats| {
        let (upload, render) = (stats.phase(1).unwrap(), stats.phase(2).unwrap());
        let mut numbers = vec![
            stats.total_duration(None).median.ln(),
            stats.total_duration(None).log_variance,
            stats.clips() / 10.0,
            upload.duration().unwrap().log_variance,
            upload.time_after().unwrap().median.ln(),
            upload.last_probability(0.5),
            render.last_probability(0.5),
            render.duration().unwrap().median.ln(),
            render.completed_clips() / 10.0,
        ];
        numbers.push(stats.error_variance(1));
        numbers
    };
    for (one, other) in numbers(one).into_iter().zip(numbers(other)) {
        assert!((one - other).abs() < tolerance, "{one} {other}");
    }
}

#[test]
fn what_two_programs_learned_adds_up_to_what_one_would_have() {
    let whole = stats_of(0..16);
    let mut halves = stats_of(0..8);
    halves.merge(&stats_of(8..16));
    assert_similar(&whole, &halves, 0.05);

    // Each run of the program may watch one clip.
    let mut runs = Stats::default();
    (0..16).for_each(|clip| runs.merge(&stats_of([clip])));
    assert_similar(&whole, &runs, 0.05);
}

#[test]
fn the_order_of_merging_does_not_matter() {
    let parts = [0..3, 3..9, 9..14].map(stats_of);
    let merged = |order: [usize; 3]| {
        let mut stats = Stats::default();
        order.iter().for_each(|&part| stats.merge(&parts[part]));
        stats
    };
    assert_similar(&merged([0, 1, 2]), &merged([2, 0, 1]), 1e-9);
    assert_similar(&merged([0, 1, 2]), &merged([1, 2, 0]), 1e-9);
}

#[test]
fn merging_respects_the_window_and_the_number_of_phases() {
    let mut stats = stats_of(0..100);
    for keys in [0..MAX_PHASES as u32, 1000..1040] {
        let mut other = stats_of(0..100);
        keys.for_each(|key| other.record_phase_end(key, 5.0, 1));
        stats.merge(&other);
    }
    assert_eq!(stats.clips(), RunningStats::WINDOW);
    assert_eq!(stats.phases.len(), MAX_PHASES);
    assert!(stats.phase(1).is_some() && stats.is_plausible());
}

#[test]
fn faded_evidence_yields_to_new_and_is_forgotten_at_last() {
    let mut old = Stats::default();
    (0..20).for_each(|_| record_clip(&mut old, 100.0, 300.0, 2.0));
    let mut stats = old.clone();
    stats.fade(0.1);
    assert_eq!((stats.clips(), old.clips()), (2.0, 20.0));
    stats.merge(&stats_of(0..20));
    let median = stats.total_duration(None).median;
    assert!((40.0..65.0).contains(&median), "{median}");
    old.fade(1e-9);
    assert!(old.phases.is_empty() && old.is_plausible());
    assert!((old.error_variance(1) - PRIOR_SQUARED_ERRORS[1]).abs() < 1e-6);
}

#[test]
fn what_is_learned_is_recorded_beside_the_rest() {
    let mut stats = stats_of(0..5);
    stats.learned = Some(Box::default());
    record_clip(&mut stats, 9.0, 31.0, 1.0);
    let learned = stats.learned.unwrap();
    assert_eq!((learned.clips(), learned.phases.len()), (1.0, 2));
    assert_eq!(stats.log_total.count, 6.0);
}

#[test]
fn the_order_of_phases_is_learned() {
    let mut stats = Stats::default();
    for _ in 0..10 {
        stats.record_phase_end(1, 10.0, 1);
        stats.record_phase_end(2, 30.0, 5);
        let phases = [(1, 10.0), (2, 40.0)].map(|(key, ended_at)| PhaseEnd { key, ended_at });
        stats.record_completion(40.0, Some(60.0), &phases);
    }
    let (upload, render) = (stats.phase(1).unwrap(), stats.phase(2).unwrap());
    assert!(upload.last_probability(0.5) < 0.1 && render.last_probability(0.5) > 0.9);
    assert!((upload.time_after().unwrap().median - 30.0).abs() < 1.0);
    assert!((render.duration().unwrap().median - 30.0).abs() < 1.0);
    assert_eq!(render.step, 5);
}

#[test]
fn the_footage_length_is_used_only_if_it_lowers_the_variance() {
    let mut stats = Stats::default();
    for length in [10.0, 1000.0, 30.0, 300.0, 100.0, 3000.0, 10.0, 1000.0] {
        stats.record_completion(length / 2.0, Some(length), &[]);
    }
    let duration = stats.total_duration(Some(600.0));
    assert!((duration.median - 300.0).abs() < 30.0, "{duration:?}");
    assert!(stats.total_duration(None).log_variance > 1.0);
}

#[test]
fn accurate_predictions_lower_the_error_variance_of_their_band() {
    let mut stats = Stats::default();
    (0..50).for_each(|_| stats.record_error(0, 10.0, 10.0));
    (0..50).for_each(|_| stats.record_error(1, 30.0, 10.0));
    assert!(stats.error_variance(0) < 0.2 && stats.error_variance(1) > 0.5);
}
