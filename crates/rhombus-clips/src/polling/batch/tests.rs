use std::collections::HashSet;

use super::page_order::PAGE_SIZE;
use super::*;

const SEC: Duration = Duration::from_secs(1);

fn uuid(number: u64) -> ClipUuid {
    ClipUuid::from_bytes(u128::from(number).to_be_bytes())
}

/// Between 0 and so many seconds, all equally likely.
fn within(seconds: u64) -> Forecast {
    let middle = |part: u32| Duration::from_secs(seconds) * (2 * part + 1) / 32;
    Forecast::new((0..16).map(middle))
}

/// Clips that were all seen on pages at time 0.
fn seen(clips: u64, forecast: Forecast) -> BatchScheduler {
    let mut scheduler = BatchScheduler::new();
    let uuids: Vec<_> = (0..clips).map(uuid).collect();
    for uuid in &uuids {
        scheduler.observe(*uuid, Duration::ZERO, forecast, SEC, true);
    }
    let pages = uuids.chunks(PAGE_SIZE);
    let count = pages.len();
    for (number, page) in pages.enumerate() {
        scheduler.sent(
            match number {
                0 => BatchRequest::FirstPage,
                _ => BatchRequest::NextPage,
            },
            Duration::ZERO,
        );
        scheduler.page_received(page, number + 1 < count);
        for uuid in page {
            scheduler.observe(*uuid, Duration::ZERO, forecast, SEC, true);
        }
    }
    scheduler
}

#[test]
fn a_lone_clip_follows_its_policy() {
    let mut scheduler = BatchScheduler::new();
    assert_eq!(scheduler.next(SEC), None);
    scheduler.observe(uuid(1), SEC, within(60), 9 * SEC, true);
    let poll = BatchRequest::Clip(uuid(1));
    assert_eq!(scheduler.next(SEC), Some((9 * SEC, poll)));
    scheduler.sent(poll, 9 * SEC);
    assert_eq!(scheduler.next(9 * SEC), None);
    scheduler.remove(uuid(1));
    assert_eq!(scheduler.next(9 * SEC), None);
}

#[test]
fn the_first_page_is_requested_at_once_and_again_at_the_optimal_interval() {
    let mut scheduler = BatchScheduler::new();
    for n in 0..100 {
        scheduler.observe(uuid(n), SEC, within(60), SEC, false);
    }
    assert_eq!(scheduler.next(SEC), Some((SEC, BatchRequest::FirstPage)));
    // 100 clips in a minute: the interval is the root of 2 * 0.86 / (100 / 60) seconds, or a little more,
    // because a forecast rises slowly at first.
    let mut scheduler = seen(100, within(60));
    let (due, request) = scheduler.next(Duration::ZERO).unwrap();
    assert_eq!(request, BatchRequest::FirstPage);
    assert!((1.0..1.4).contains(&due.as_secs_f64()), "{due:?}");
}

#[test]
fn a_clip_that_is_added_late_is_asked_for_soon() {
    let mut scheduler = seen(5, within(3600));
    scheduler.observe(uuid(7), 9 * SEC, within(3600), 9 * SEC, false);
    let (due, request) = scheduler.next(9 * SEC).unwrap();
    assert!(
        due <= 12 * SEC + SEC / 10 && request == BatchRequest::FirstPage,
        "{due:?}"
    );
    // A page without it is no reason to wait for another.
    scheduler.sent(request, due);
    let page: Vec<_> = (0..5).map(uuid).collect();
    scheduler.page_received(&page, false);
    let poll = BatchRequest::Clip(uuid(7));
    assert_eq!(scheduler.next(due), Some((due, poll)));
    // As long as there is no record, its policy says when to ask.
    scheduler.sent(poll, due);
    scheduler.observe(uuid(7), due, within(3600), due + 4 * SEC, false);
    let (next, _) = scheduler.next(due).unwrap();
    assert!(next <= due + 4 * SEC + SEC / 10, "{next:?}");
}

#[test]
fn a_clip_is_never_without_news_for_long() {
    let mut scheduler = seen(2, within(36_000));
    let (due, request) = scheduler.next(SEC).unwrap();
    assert!(
        due <= 20 * SEC + SEC / 10 && request == BatchRequest::FirstPage,
        "{due:?}"
    );
    for n in 0..2 {
        scheduler.observe(uuid(n), 1000 * SEC, within(36_000), 2000 * SEC, true);
    }
    let (due, _) = scheduler.next(1000 * SEC).unwrap();
    assert!(due <= 1100 * SEC + SEC / 10, "{due:?}");
}

#[test]
fn without_lists_a_new_clip_is_polled_at_once() {
    let mut scheduler = BatchScheduler::new();
    for n in 0..3 {
        scheduler.observe(uuid(n), SEC, within(3600), SEC, false);
    }
    scheduler.sent(BatchRequest::FirstPage, SEC);
    scheduler.failed(BatchRequest::FirstPage, Some(60 * SEC));
    let (due, request) = scheduler.next(SEC).unwrap();
    assert!(due == SEC && matches!(request, BatchRequest::Clip(_)));
}

#[test]
fn a_page_is_followed_by_the_next_where_that_is_worth_it() {
    let mut scheduler = seen(400, within(30));
    let (due, request) = scheduler.next(Duration::ZERO).unwrap();
    assert_eq!(request, BatchRequest::FirstPage);
    scheduler.sent(request, due);
    let page: Vec<_> = (0..200).map(uuid).collect();
    scheduler.page_received(&page, true);
    let (complete, others) = page.split_at(3);
    for uuid in complete {
        scheduler.complete(*uuid, due);
    }
    for uuid in others {
        scheduler.observe(*uuid, due, within(30), due, true);
    }
    assert_eq!(scheduler.next(due), Some((due, BatchRequest::NextPage)));
    // Without a token, there is none.
    scheduler.sent(BatchRequest::NextPage, due);
    scheduler.failed(BatchRequest::NextPage, None);
    assert_ne!(
        scheduler.next(due).map(|next| next.1),
        Some(BatchRequest::NextPage)
    );
}

#[test]
fn a_clip_that_no_page_shows_is_polled_by_itself() {
    let mut scheduler = BatchScheduler::new();
    let mut now = Duration::ZERO;
    for n in 0..2 {
        scheduler.observe(uuid(n), now, within(20), now, true);
    }
    for _ in 0..20 {
        let (due, request) = scheduler.next(now).unwrap();
        now = due;
        scheduler.sent(request, now);
        match request {
            BatchRequest::Clip(_) => return,
            BatchRequest::InProgress => scheduler.in_progress_received(now, &HashSet::new()),
            _ => scheduler.page_received(&[uuid(9)], false),
        }
    }
    panic!("no clip was polled by itself");
}

#[test]
fn a_failed_list_waits_and_a_refused_one_is_never_requested_again() {
    let mut scheduler = seen(100, within(10));
    scheduler.failed(BatchRequest::FirstPage, Some(60 * SEC));
    scheduler.failed(BatchRequest::InProgress, None);
    let (due, request) = scheduler.next(SEC).unwrap();
    assert!(due < 60 * SEC && matches!(request, BatchRequest::Clip(_)));
    let (_, request) = scheduler.next(60 * SEC).unwrap();
    assert!(matches!(request, BatchRequest::Clip(_)), "the plan is made");
    scheduler.remove(uuid(0));
    let next = scheduler.next(60 * SEC);
    assert_eq!(next, Some((60 * SEC, BatchRequest::FirstPage)));
}

#[test]
fn a_clip_that_left_the_list_of_clips_in_progress_is_polled_at_once() {
    let mut scheduler = seen(2, within(600));
    scheduler.failed(BatchRequest::FirstPage, None);
    scheduler.in_progress_received(SEC, &[uuid(0), uuid(1)].into());
    scheduler.in_progress_received(2 * SEC, &[uuid(0)].into());
    let poll = BatchRequest::Clip(uuid(1));
    assert_eq!(scheduler.next(2 * SEC), Some((2 * SEC, poll)));
    // It was not complete: heartbeats tell no more of it.
    scheduler.sent(poll, 2 * SEC);
    scheduler.observe(uuid(1), 2 * SEC, within(600), 9 * SEC, true);
    assert!(scheduler.next(2 * SEC).unwrap().0 > 4 * SEC);
}

#[test]
fn a_list_of_clips_in_progress_that_keeps_complete_ones_is_not_trusted() {
    let mut scheduler = seen(3, within(600));
    scheduler.failed(BatchRequest::FirstPage, None);
    let listed: HashSet<_> = (0..3).map(uuid).collect();
    scheduler.in_progress_received(SEC, &listed);
    scheduler.complete(uuid(0), 2 * SEC);
    // It may stay for a moment.
    scheduler.in_progress_received(11 * SEC, &listed);
    let trusting = scheduler.next(11 * SEC).unwrap().0;
    scheduler.in_progress_received(13 * SEC, &listed);
    let (due, request) = scheduler.next(13 * SEC).unwrap();
    assert!(due < trusting && matches!(request, BatchRequest::Clip(_)));
    for second in 14..4000 {
        let (_, request) = scheduler.next(second * SEC).unwrap();
        assert_ne!(request, BatchRequest::InProgress);
    }
}

#[test]
fn a_page_is_older_than_a_later_poll() {
    let mut scheduler = seen(2, within(60));
    scheduler.observe(uuid(0), 5 * SEC, within(60), 9 * SEC, true);
    scheduler.sent(BatchRequest::Clip(uuid(1)), 5 * SEC);
    assert!(!scheduler.awaits(uuid(0), 4 * SEC) && scheduler.awaits(uuid(0), 6 * SEC));
    assert!(!scheduler.awaits(uuid(1), 6 * SEC) && !scheduler.awaits(uuid(7), 6 * SEC));
}

/// Answers the next requests from a list of saved clips with the newest first, of which each is in progress, until
/// the clips have been on a page; returns the number of pages and of clips that were requested. A page takes 200 ms;
/// meanwhile a few clips are polled, if they are due.
fn requests_until_found(
    scheduler: &mut BatchScheduler,
    list: &[ClipUuid],
    mut missing: HashSet<ClipUuid>,
    mut now: Duration,
) -> (usize, usize) {
    let poll = |scheduler: &mut BatchScheduler, uuid, now| {
        scheduler.sent(BatchRequest::Clip(uuid), now);
        scheduler.observe(uuid, now, within(600), now + 60 * SEC, true);
    };
    let (mut pages, mut polls) = (0, 0);
    let mut page = 0;
    while !missing.is_empty() && pages + polls < 1000 {
        let (due, request) = scheduler.next(now).unwrap();
        if due > now {
            now = due;
            continue;
        }
        match request {
            BatchRequest::FirstPage => page = 0,
            BatchRequest::NextPage => page += 1,
            BatchRequest::InProgress => {
                scheduler.sent(request, now);
                scheduler.in_progress_received(now, &list.iter().copied().collect());
                continue;
            }
            BatchRequest::Clip(uuid) => {
                poll(scheduler, uuid, now);
                polls += 1;
                continue;
            }
        }
        pages += 1;
        scheduler.sent(request, now);
        let sent_at = now;
        now += SEC / 5;
        for _ in 0..4 {
            if let Some((due, BatchRequest::Clip(uuid))) = scheduler.next(now)
                && due <= now
            {
                poll(scheduler, uuid, now);
                polls += 1;
            }
        }
        let uuids = list.chunks(PAGE_SIZE).nth(page).unwrap();
        scheduler.page_received(uuids, list.len() > (page + 1) * PAGE_SIZE);
        for uuid in uuids {
            missing.remove(uuid);
            if scheduler.awaits(*uuid, sent_at) {
                scheduler.observe(*uuid, now, within(600), now + 60 * SEC, true);
            }
        }
    }
    (pages, polls)
}

#[test]
fn many_new_clips_are_found_page_by_page() {
    let list: Vec<_> = (0..13_400).rev().map(uuid).collect();
    let mut scheduler = BatchScheduler::new();
    for uuid in list.iter().rev() {
        scheduler.observe(*uuid, SEC, within(600), SEC, false);
    }
    let all = list.iter().copied().collect();
    let (pages, polls) = requests_until_found(&mut scheduler, &list, all, SEC);
    assert_eq!((pages, polls), (67, 0));
    // Each is found again where it was seen.
    let all = list.iter().copied().collect();
    let (pages, polls) = requests_until_found(&mut scheduler, &list, all, 17 * SEC);
    assert!(pages < 300 && polls < 100, "{pages} {polls}");
}

#[test]
fn new_clips_beyond_pages_of_known_ones_are_found() {
    let list: Vec<_> = (0..6800).rev().map(uuid).collect();
    let (new, others) = list.split_at(PAGE_SIZE);
    let (known, older) = others.split_at(6000);
    let mut scheduler = BatchScheduler::new();
    let walk = |scheduler: &mut BatchScheduler, clips: &[ClipUuid]| {
        for (number, page) in clips.chunks(PAGE_SIZE).enumerate() {
            let request = match number {
                0 => BatchRequest::FirstPage,
                _ => BatchRequest::NextPage,
            };
            scheduler.sent(request, SEC);
            scheduler.page_received(page, true);
            for uuid in page {
                scheduler.observe(*uuid, SEC, within(600), 60 * SEC, true);
            }
        }
        scheduler.failed(BatchRequest::NextPage, Some(SEC));
    };
    for uuid in known {
        scheduler.observe(*uuid, SEC, within(600), SEC, false);
    }
    walk(&mut scheduler, known);
    for uuid in older.iter().chain(new) {
        scheduler.observe(*uuid, SEC, within(600), SEC, false);
    }
    walk(&mut scheduler, &list[..new.len() + known.len()]);
    let missing = older.iter().copied().collect();
    let (pages, polls) = requests_until_found(&mut scheduler, &list, missing, SEC);
    // Some wait for so long that they are polled while the pages before theirs are in flight.
    assert!(pages <= 70 && polls <= 200, "{pages} {polls}");
}

#[test]
fn a_clip_is_missed_where_it_is_expected() {
    let mut scheduler = BatchScheduler::new();
    for n in 0..4 {
        scheduler.observe(uuid(n), SEC, within(600), SEC, true);
    }
    let mut misses_after = |watched: Option<u64>, has_next| {
        // Most clips of a page are of others.
        let others = (100..110).map(uuid);
        let page: Vec<_> = watched.into_iter().map(uuid).chain(others).collect();
        scheduler.page_received(&page, has_next);
        match scheduler.clips.get(&uuid(0)).unwrap().place {
            Place::Unknown { misses, .. } => misses,
            Place::At(_) => panic!("it was on no page"),
        }
    };
    // The first page shows new clips, as lists usually do.
    assert_eq!(misses_after(Some(1), true), 1);
    // That the next one has some of the watched clips tells nothing of the others.
    assert_eq!(misses_after(Some(2), true), 1);
    // A page without any is far from them, and after the last one there is no other.
    assert_eq!(misses_after(None, true), 2);
    assert_eq!(misses_after(Some(3), false), 3);
}

#[test]
fn a_change_of_one_clip_among_many_makes_the_plan_earlier() {
    let mut scheduler = seen(300, within(3600));
    let (planned, _) = scheduler.next(Duration::ZERO).unwrap();
    let now = planned / 2;
    scheduler.observe(uuid(299), now, within(2), planned, true);
    let (due, _) = scheduler.next(now).unwrap();
    assert!(now < due && due < planned, "{due:?} {planned:?}");
    // It is complete before: when the plan is due, there is another one.
    scheduler.complete(uuid(299), now);
    let (due, _) = scheduler.next(due).unwrap();
    assert!(due > now);
}
