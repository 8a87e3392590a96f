//! Types as the generator writes them: a field list for each.

use std::collections::BTreeMap;

use larkspur::wire::{
    Decode, Encode, Field, Fields, FieldsMut, Place, TextEnum, Unknown, View, object, object_mut,
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
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, &'a dyn Encode)) {
        static FIELDS: [Field; 5] = [
            Field::body("id").required(),
            Field::body("name").required(),
            Field::body("en_name"),
            Field::body("avatar"),
            Field::body("active"),
        ];
        visit(&FIELDS[0], &self.id);
        visit(&FIELDS[1], &self.name);
        visit(&FIELDS[2], &self.en_name);
        visit(&FIELDS[3], &self.avatar);
        visit(&FIELDS[4], &self.active);
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Owner {
    #[inline]
    fn field(&mut self, key: &str) -> Option<&mut dyn Decode> {
        Some(match key {
            "id" => &mut self.id,
            "name" => &mut self.name,
            "en_name" => &mut self.en_name,
            "avatar" => &mut self.avatar,
            "active" => &mut self.active,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }

    fn required(&self) -> &'static [&'static str] {
        &["id", "name"]
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
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, &'a dyn Encode)) {
        static FIELDS: [Field; 3] = [
            Field::body("at").required(),
            Field::body("by").required(),
            Field::body("action"),
        ];
        visit(&FIELDS[0], &self.at);
        visit(&FIELDS[1], &self.by);
        visit(&FIELDS[2], &self.action);
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Change {
    #[inline]
    fn field(&mut self, key: &str) -> Option<&mut dyn Decode> {
        Some(match key {
            "at" => &mut self.at,
            "by" => &mut self.by,
            "action" => &mut self.action,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }

    fn required(&self) -> &'static [&'static str] {
        &["at", "by"]
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
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, &'a dyn Encode)) {
        static FIELDS: [Field; 20] = [
            Field::body("token").required(),
            Field::body("name").required(),
            Field::body("parent_token"),
            Field::body("url"),
            Field::body("kind"),
            Field::body("size"),
            Field::body("version"),
            Field::body("created_time"),
            Field::body("modified_time"),
            Field::body("ratio"),
            Field::body("score"),
            Field::body("shared"),
            Field::body("locked"),
            Field::body("description"),
            Field::body("mime"),
            Field::body("owner"),
            Field::body("tags"),
            Field::body("changes"),
            Field::body("counts"),
            Field::body("note"),
        ];
        visit(&FIELDS[0], &self.token);
        visit(&FIELDS[1], &self.name);
        visit(&FIELDS[2], &self.parent_token);
        visit(&FIELDS[3], &self.url);
        visit(&FIELDS[4], &self.kind);
        visit(&FIELDS[5], &self.size);
        visit(&FIELDS[6], &self.version);
        visit(&FIELDS[7], &self.created_time);
        visit(&FIELDS[8], &self.modified_time);
        visit(&FIELDS[9], &self.ratio);
        visit(&FIELDS[10], &self.score);
        visit(&FIELDS[11], &self.shared);
        visit(&FIELDS[12], &self.locked);
        visit(&FIELDS[13], &self.description);
        visit(&FIELDS[14], &self.mime);
        visit(&FIELDS[15], &self.owner);
        visit(&FIELDS[16], &self.tags);
        visit(&FIELDS[17], &self.changes);
        visit(&FIELDS[18], &self.counts);
        visit(&FIELDS[19], &self.note);
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Entry {
    #[inline]
    fn field(&mut self, key: &str) -> Option<&mut dyn Decode> {
        Some(match key {
            "token" => &mut self.token,
            "name" => &mut self.name,
            "parent_token" => &mut self.parent_token,
            "url" => &mut self.url,
            "kind" => &mut self.kind,
            "size" => &mut self.size,
            "version" => &mut self.version,
            "created_time" => &mut self.created_time,
            "modified_time" => &mut self.modified_time,
            "ratio" => &mut self.ratio,
            "score" => &mut self.score,
            "shared" => &mut self.shared,
            "locked" => &mut self.locked,
            "description" => &mut self.description,
            "mime" => &mut self.mime,
            "owner" => &mut self.owner,
            "tags" => &mut self.tags,
            "changes" => &mut self.changes,
            "counts" => &mut self.counts,
            "note" => &mut self.note,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }

    fn required(&self) -> &'static [&'static str] {
        &["token", "name"]
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
    fn each<'a>(&'a self, visit: &mut dyn FnMut(&'static Field, &'a dyn Encode)) {
        static FIELDS: [Field; 3] = [
            Field::body("items"),
            Field::body("has_more"),
            Field::body("page_token"),
        ];
        visit(&FIELDS[0], &self.items);
        visit(&FIELDS[1], &self.has_more);
        visit(&FIELDS[2], &self.page_token);
    }

    fn unknown(&self) -> Option<&Unknown> {
        Some(&self.unknown)
    }
}

impl FieldsMut for Page {
    #[inline]
    fn field(&mut self, key: &str) -> Option<&mut dyn Decode> {
        Some(match key {
            "items" => &mut self.items,
            "has_more" => &mut self.has_more,
            "page_token" => &mut self.page_token,
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
