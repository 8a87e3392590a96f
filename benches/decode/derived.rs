//! The same types with a derive, as strict as derives are.

// Filled and measured, never looked at.
#![allow(dead_code)]

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Docx,
    Sheet,
    File,
    #[serde(other)]
    Unrecognized,
}

#[derive(Deserialize)]
pub struct Owner {
    pub id: String,
    pub name: String,
    pub en_name: Option<String>,
    pub avatar: Option<String>,
    pub active: Option<bool>,
}

#[derive(Deserialize)]
pub struct Change {
    pub at: i64,
    pub by: String,
    pub action: Option<String>,
}

#[derive(Deserialize)]
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
    #[serde(default)]
    pub tags: Vec<String>,
    #[serde(default)]
    pub changes: Vec<Change>,
    #[serde(default)]
    pub counts: BTreeMap<String, i64>,
    pub note: Option<String>,
}

#[derive(Deserialize)]
pub struct Page {
    #[serde(default)]
    pub items: Vec<Entry>,
    pub has_more: Option<bool>,
    pub page_token: Option<String>,
}
