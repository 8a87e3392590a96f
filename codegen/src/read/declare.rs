//! First pass: which types there are, so that fields can name them wherever they stand.

use super::type_table::Shape;
use super::{ModuleName, Reader};
use crate::yaml::{Node, Value};

impl Reader<'_> {
    /// Notes the types under `types:` of one file. What is wrong with them is reported when they are read.
    pub fn declare(&mut self, module: usize, name: &ModuleName, root: &Node) {
        if name.is_shared() {
            self.types.share(&name.project, &name.version, module);
        }
        let Some(Value::Map(types)) = child(root, "types").map(|node| &node.value) else {
            return;
        };
        for (key, node) in types {
            self.types.declare(module, &key.text, shape(node), key.origin);
        }
    }
}

fn shape(node: &Node) -> Shape {
    match (child(node, "enum"), child(node, "type").map(|node| &node.value)) {
        (None, _) => Shape::Object,
        (Some(_), Some(Value::Text(kind))) if kind == "int" => Shape::IntEnum,
        (Some(_), _) => Shape::StringEnum,
    }
}

pub(super) fn child<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    match &node.value {
        Value::Map(entries) => entries
            .iter()
            .find(|(other, _)| other.text == key)
            .map(|(_, value)| value),
        _ => None,
    }
}
