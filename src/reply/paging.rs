//! What comes after a page: the rule by which a way through all pages loses no user and ends, whatever the service says of
//! sizes and totals.

use crate::operation::{Mark, PageRequest, Trail};

/// How often in a row the same page may come again. Users created meanwhile can push a page behind itself; a service that
/// ignores the number sends it for ever.
const MAX_REPEATS: u8 = 2;

/// What the rule needs of a page. Numbers that are none count as absent.
#[derive(Debug, Default)]
pub(super) struct PageShape<'a> {
    pub users: u64,
    /// The ids at both ends.
    pub first: &'a str,
    pub last: &'a str,
    pub size: Option<u64>,
    pub total: Option<u64>,
}

/// What follows from a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Paging {
    /// Its users were on the page before, or on the first one: they don't count again.
    pub repeated: bool,
    pub next: Option<PageRequest>,
}

impl PageShape<'_> {
    /// There is a next page until one is empty or the users counted come to the service's total. A page that is shorter than
    /// asked for ends nothing, because services cap sizes without saying so; a total that is passed was none.
    pub fn after(&self, asked: PageRequest) -> Paging {
        let end = |repeated| Paging { repeated, next: None };
        if self.users == 0 {
            return end(false);
        }
        let mark = Mark::new(self.users, self.first, self.last);
        let trail = match asked.trail() {
            Some(trail) if mark == trail.last => {
                let repeats = trail.repeats + 1;
                return match asked.following(Trail { repeats, ..trail }) {
                    Some(next) if repeats < MAX_REPEATS => Paging { repeated: true, next: Some(next) },
                    _ => end(true),
                };
            }
            // All pages over again.
            Some(trail) if mark == trail.first => return end(true),
            Some(trail) => Trail { counted: trail.counted + self.users, last: mark, repeats: 0, ..trail },
            None => {
                let size = self.size.unwrap_or(u64::from(asked.size()));
                let before = u64::from(asked.number() - 1).saturating_mul(size);
                Trail { counted: before.saturating_add(self.users), first: mark, last: mark, repeats: 0 }
            }
        };
        if self.total == Some(trail.counted) {
            return end(false);
        }
        Paging { repeated: false, next: asked.following(trail) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A way through a service's pages: which users it sends for a page, and what it says of size and total.
    fn walk(
        asked: u32,
        page: impl Fn(u32) -> std::ops::Range<u32>,
        says: impl Fn(u64) -> (Option<u64>, Option<u64>),
    ) -> (Vec<u32>, u32) {
        let (mut seen, mut requests) = (Vec::new(), 0);
        let mut next = Some(PageRequest::new(1, asked.into()).unwrap());
        while let Some(request) = next {
            requests += 1;
            assert!(requests < 20, "it never ends");
            let users: Vec<u32> = page(request.number()).collect();
            let ids: Vec<String> = users.iter().map(u32::to_string).collect();
            let (size, total) = says(users.len() as u64);
            let shape = PageShape {
                users: users.len() as u64,
                first: ids.first().map_or("", String::as_str),
                last: ids.last().map_or("", String::as_str),
                size,
                total,
            };
            let paging = shape.after(request);
            seen.extend(users.into_iter().filter(|_| !paging.repeated));
            next = paging.next;
        }
        (seen, requests)
    }

    /// 230 users, at most 50 a page.
    fn capped(number: u32) -> std::ops::Range<u32> {
        (50 * (number - 1)).min(230)..(50 * number).min(230)
    }

    #[test]
    fn no_user_is_lost_where_the_service_caps_the_size_whatever_it_says() {
        let says: [(Option<u64>, Option<u64>, u32); 7] = [
            (Some(50), Some(230), 5),
            (Some(100), Some(230), 5),
            (None, Some(230), 5),
            (Some(100), None, 6),
            (None, None, 6),
            (Some(100), Some(10_000), 6),
            (Some(0), Some(7), 6),
        ];
        for (size, total, requests) in says {
            assert_eq!(
                walk(100, capped, |_| (size, total)),
                ((0..230).collect(), requests),
                "{size:?} {total:?}"
            );
        }
        // Users that the caller may not see are left out, and the total counts them.
        let every_other = |number: u32| (25 * (number - 1)).min(115)..(25 * number).min(115);
        assert_eq!(walk(50, every_other, |_| (Some(50), Some(230))), ((0..115).collect(), 6));
    }

    #[test]
    fn an_honest_service_is_asked_for_no_page_too_many() {
        for (users, requests) in [(0, 1), (1, 1), (20, 1), (21, 2), (40, 2), (45, 3)] {
            let page = |number: u32| (20 * (number - 1)).min(users)..(20 * number).min(users);
            let all = ((0..users).collect(), requests);
            assert_eq!(walk(20, page, |_| (Some(20), Some(users.into()))), all, "{users}");
        }
    }

    #[test]
    fn the_same_page_for_ever_ends_and_its_users_are_given_once() {
        for total in [None, Some(230), Some(0)] {
            assert_eq!(walk(50, |_| 0..50, |_| (Some(50), total)), ((0..50).collect(), 3), "{total:?}");
            let last_again = |number: u32| capped(number.min(5));
            assert_eq!(
                walk(50, last_again, |_| (None, total.map(|total| total + 1))).0,
                (0..230).collect::<Vec<_>>()
            );
            let all_over_again = |number: u32| capped((number - 1) % 5 + 1);
            assert_eq!(walk(50, all_over_again, |_| (None, total.map(|total| total + 1))).0.len(), 230);
        }
        assert_eq!(walk(50, |_| 0..50, |users| (Some(50), Some(users))), ((0..50).collect(), 1));
    }

    #[test]
    fn a_page_that_new_users_pushed_behind_itself_ends_nothing() {
        // Newest first, one a page; a user came between the first two requests.
        let page = |number: u32| [3..4, 3..4, 2..3, 1..2, 1..1][number as usize - 1].clone();
        assert_eq!(walk(1, page, |_| (Some(1), None)).0, [3, 2, 1]);
    }

    #[test]
    fn a_page_asked_for_by_number_is_as_far_as_its_size_says() {
        let next = |number, users, size, total| {
            let shape = PageShape { users, first: "a", last: "b", size, total };
            shape.after(PageRequest::new(number, 20).unwrap()).next.map(PageRequest::number)
        };
        assert_eq!(next(3, 5, Some(20), Some(45)), None);
        assert_eq!(next(2, 20, Some(20), Some(45)), Some(3));
        assert_eq!(next(3, 5, None, Some(45)), None);
        assert_eq!(next(2, 10, Some(10), Some(20)), None);
        assert_eq!(next(2, 20, Some(20), None), Some(3));
        assert_eq!(next(99, 0, Some(20), Some(45)), None);
        assert_eq!(next(i64::from(u32::MAX), 20, Some(20), None), None);
    }
}
