//! A set of small numbers whose clones share their content.

use std::rc::Rc;

/// The number of bits of a number that select a child.
const BITS: u32 = 4;

const CHILDREN: usize = 1 << BITS;

/// A set of numbers. An insertion into a clone copies one path of nodes, not the set.
#[derive(Debug, Clone, Default)]
pub(super) struct KeySet {
    root: Option<Rc<Node>>,
    /// The number of levels below the root.
    height: u32,
}

#[derive(Debug, Clone, Default)]
struct Node {
    /// Empty in a leaf.
    children: [Option<Rc<Node>>; CHILDREN],
    /// The numbers in a leaf, one bit each.
    present: u16,
}

impl KeySet {
    pub(super) fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    pub(super) fn contains(&self, number: usize) -> bool {
        if number >= self.capacity() {
            return false;
        }
        let mut node = self.root.as_ref();
        for level in (1..=self.height).rev() {
            node = node.and_then(|node| node.children[digit(number, level)].as_ref());
        }
        node.is_some_and(|node| node.present & bit(number) != 0)
    }

    pub(super) fn insert(&mut self, number: usize) {
        while number >= self.capacity() {
            if let Some(root) = self.root.take() {
                let mut node = Node::default();
                node.children[0] = Some(root);
                self.root = Some(Rc::new(node));
            }
            self.height += 1;
        }
        let mut node = Rc::make_mut(self.root.get_or_insert_default());
        for level in (1..=self.height).rev() {
            node = Rc::make_mut(node.children[digit(number, level)].get_or_insert_default());
        }
        node.present |= bit(number);
    }

    /// Returns the number of numbers that fit into the levels.
    fn capacity(&self) -> usize {
        CHILDREN.saturating_pow(self.height + 1)
    }
}

/// Returns the child on a level above the leaves.
fn digit(number: usize, level: u32) -> usize {
    (number >> (BITS * level)) % CHILDREN
}

fn bit(number: usize) -> u16 {
    1 << (number % CHILDREN)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::rc::Rc;

    use super::{CHILDREN, KeySet, Node};

    #[test]
    fn contains_what_was_inserted() {
        let numbers = [0, 1, 15, 16, 17, 255, 256, 4095, 4096, 70_000, 3];
        let (mut set, mut seen) = (KeySet::default(), HashSet::new());
        assert!(set.is_empty());
        for number in numbers {
            assert!(!set.contains(number), "{number}");
            set.insert(number);
            seen.insert(number);
            for number in 0..71_000 {
                assert_eq!(set.contains(number), seen.contains(&number), "{number}");
            }
        }
    }

    /// Adds the addresses of all nodes.
    fn collect(node: &Rc<Node>, nodes: &mut HashSet<*const Node>) {
        nodes.insert(Rc::as_ptr(node));
        node.children.iter().flatten().for_each(|child| collect(child, nodes));
    }

    fn nodes(set: &KeySet) -> HashSet<*const Node> {
        let mut nodes = HashSet::new();
        set.root.iter().for_each(|root| collect(root, &mut nodes));
        nodes
    }

    #[test]
    fn insertion_into_clone_copies_one_path() {
        let mut first = KeySet::default();
        (0..CHILDREN.pow(4)).for_each(|number| first.insert(number));
        let before = nodes(&first);
        let mut second = first.clone();
        second.insert(9);
        let copied = nodes(&second).difference(&before).count();
        assert!(before.len() > 4000 && copied == 4, "{copied} of {}", before.len());
        second.insert(CHILDREN.pow(4));
        assert!(!first.contains(CHILDREN.pow(4)));
    }
}
