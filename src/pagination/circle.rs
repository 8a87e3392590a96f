//! Tokens that come again.

/// Tells when the tokens of pages go round in a circle, and keeps two of them, however many there are.
///
/// A token that comes twice in a row is told at once. For larger circles one token in so many is kept to compare with,
/// and twice as many come before the next is kept: sooner or later the circle fits in between (R. P. Brent's way to find
/// cycles).
#[derive(Debug, Default)]
pub(super) struct Circle {
    last: String,
    kept: String,
    /// How many tokens came since one was kept.
    since: u64,
    /// How many come before the next is kept.
    room: u64,
}

impl Circle {
    /// Begins with the token of the first page, which is empty where the list is read from its beginning.
    pub(super) fn new(first: &str) -> Self {
        Self {
            last: first.to_owned(),
            kept: first.to_owned(),
            since: 0,
            room: 1,
        }
    }

    /// Takes the token of the page that comes next; whether it has come before.
    pub(super) fn closes(&mut self, token: &str) -> bool {
        if token == self.last || token == self.kept {
            return true;
        }
        token.clone_into(&mut self.last);
        self.since += 1;
        if self.since == self.room {
            token.clone_into(&mut self.kept);
            self.since = 0;
            self.room = self.room.saturating_mul(2);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::Circle;

    /// How many tokens are taken before the circle is told.
    fn taken(lead: usize, circle: usize) -> usize {
        let mut seen = Circle::new("");
        let token = |index: usize| match index {
            index if index < lead => format!("lead-{index}"),
            index => format!("circle-{}", (index - lead) % circle),
        };
        (0..10_000).take_while(|index| !seen.closes(&token(*index))).count()
    }

    #[test]
    fn the_same_token_twice_in_a_row_is_told_at_once() {
        for lead in [0, 1, 5, 100] {
            assert_eq!(taken(lead, 1), lead + 1);
        }
    }

    #[test]
    fn a_circle_of_any_size_is_told_before_it_was_gone_round_four_times() {
        for lead in 0..20 {
            for circle in 2..20 {
                let taken = taken(lead, circle);
                assert!(taken >= lead + circle, "{lead} {circle}: {taken} is too early");
                assert!(taken <= 4 * (lead + circle), "{lead} {circle}: {taken} is too late");
            }
        }
    }

    #[test]
    fn tokens_that_all_differ_are_no_circle() {
        let mut seen = Circle::new("");
        assert!((0..10_000).all(|index| !seen.closes(&index.to_string())));
    }

    #[test]
    fn the_token_that_the_first_page_was_asked_for_with_counts() {
        assert!(Circle::new("here").closes("here"));
    }
}
