//! Types as the generator writes them: a field list for each.

use std::collections::BTreeMap;

use larkspur::wire::{
    Decode, Encode, FieldInfo, Fields, FieldsMut, Place, TextEnum, Unknown, View, object, object_mut,
};

pub enum Kind {
    Docx,
    Sheet,
    File,
    Unrecognized(String),
}

impl TextEnum for Kind {
    fn set(&mut self, value: &str) {
        *self = match value {
            "docx" => Self::Docx,
            "sheet" => Self::Sheet,
            "file" => Self::File,
            other => Self::Unrecognized(other.to_owned()),
        };
    }
}

impl Encode for Kind {
    fn view(&self) -> View<'_> {
        View::Str(match self {
            Self::Docx => "docx",
            Self::Sheet => "sheet",
            Self::File => "file",
            Self::Unrecognized(text) => text,
        })
    }
}

impl Decode for Kind {
    fn blank() -> Self {
        Self::Unrecognized(String::new())
    }

    fn place(&mut self) -> Place<'_> {
        Place::Text(self)
    }
}

pub struct Owner {
    pub id: String,
    pub name: String,
    pub en_name: Option<String>,
    pub avatar: Option<String>,
    pub active: Option<bool>,
    pub unknown: Unknown,
}

impl Fields for Owner {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 5] = [
            FieldInfo::body("id").required(),
            FieldInfo::body("name").required(),
            FieldInfo::body("en_name"),
            FieldInfo::body("avatar"),
            FieldInfo::body("active"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.id,
            1 => &self.name,
            2 => &self.en_name,
            3 => &self.avatar,
            4 => &self.active,
            _ => return None,
        })
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Owner {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.id,
            1 => &mut self.name,
            2 => &mut self.en_name,
            3 => &mut self.avatar,
            4 => &mut self.active,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Owner);
object_mut!(Owner {
    id,
    name,
    en_name,
    avatar,
    active
});

pub struct Change {
    pub at: i64,
    pub by: String,
    pub action: Option<String>,
    pub unknown: Unknown,
}

impl Fields for Change {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 3] = [
            FieldInfo::body("at").required(),
            FieldInfo::body("by").required(),
            FieldInfo::body("action"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.at,
            1 => &self.by,
            2 => &self.action,
            _ => return None,
        })
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Change {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.at,
            1 => &mut self.by,
            2 => &mut self.action,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Change);
object_mut!(Change { at, by, action });

pub struct Entry {
    pub token: String,
    pub name: String,
    pub parent_token: Option<String>,
    pub url: Option<String>,
    pub kind: Option<Kind>,
    pub size: Option<i64>,
    pub version: Option<i64>,
    pub created_time: Option<i64>,
    pub modified_time: Option<i64>,
    pub ratio: Option<f64>,
    pub score: Option<f64>,
    pub shared: Option<bool>,
    pub locked: Option<bool>,
    pub description: Option<String>,
    pub mime: Option<String>,
    pub owner: Option<Owner>,
    pub tags: Vec<String>,
    pub changes: Vec<Change>,
    pub counts: BTreeMap<String, i64>,
    pub note: Option<String>,
    pub unknown: Unknown,
}

impl Fields for Entry {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 20] = [
            FieldInfo::body("token").required(),
            FieldInfo::body("name").required(),
            FieldInfo::body("parent_token"),
            FieldInfo::body("url"),
            FieldInfo::body("kind"),
            FieldInfo::body("size"),
            FieldInfo::body("version"),
            FieldInfo::body("created_time"),
            FieldInfo::body("modified_time"),
            FieldInfo::body("ratio"),
            FieldInfo::body("score"),
            FieldInfo::body("shared"),
            FieldInfo::body("locked"),
            FieldInfo::body("description"),
            FieldInfo::body("mime"),
            FieldInfo::body("owner"),
            FieldInfo::body("tags"),
            FieldInfo::body("changes"),
            FieldInfo::body("counts"),
            FieldInfo::body("note"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.token,
            1 => &self.name,
            2 => &self.parent_token,
            3 => &self.url,
            4 => &self.kind,
            5 => &self.size,
            6 => &self.version,
            7 => &self.created_time,
            8 => &self.modified_time,
            9 => &self.ratio,
            10 => &self.score,
            11 => &self.shared,
            12 => &self.locked,
            13 => &self.description,
            14 => &self.mime,
            15 => &self.owner,
            16 => &self.tags,
            17 => &self.changes,
            18 => &self.counts,
            19 => &self.note,
            _ => return None,
        })
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Entry {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.token,
            1 => &mut self.name,
            2 => &mut self.parent_token,
            3 => &mut self.url,
            4 => &mut self.kind,
            5 => &mut self.size,
            6 => &mut self.version,
            7 => &mut self.created_time,
            8 => &mut self.modified_time,
            9 => &mut self.ratio,
            10 => &mut self.score,
            11 => &mut self.shared,
            12 => &mut self.locked,
            13 => &mut self.description,
            14 => &mut self.mime,
            15 => &mut self.owner,
            16 => &mut self.tags,
            17 => &mut self.changes,
            18 => &mut self.counts,
            19 => &mut self.note,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Entry);
object_mut!(Entry {
    token,
    name,
    parent_token,
    url,
    kind,
    size,
    version,
    created_time,
    modified_time,
    ratio,
    score,
    shared,
    locked,
    description,
    mime,
    owner,
    tags,
    changes,
    counts,
    note
});

pub struct Page {
    pub items: Vec<Entry>,
    pub has_more: Option<bool>,
    pub page_token: Option<String>,
    pub unknown: Unknown,
}

impl Fields for Page {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 3] = [
            FieldInfo::body("items"),
            FieldInfo::body("has_more"),
            FieldInfo::body("page_token"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.items,
            1 => &self.has_more,
            2 => &self.page_token,
            _ => return None,
        })
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Page {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.items,
            1 => &mut self.has_more,
            2 => &mut self.page_token,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Page);
object_mut!(Page {
    items,
    has_more,
    page_token
});
