//! `larkspur completions`: what a shell needs to complete commands, endpoints and their fields.
//!
//! The script that a shell loads asks this program at each press of the key, so that it knows what the program knows: the
//! words of the command line come as arguments, and the variable tells for which shell.

mod words;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use larkspur_codegen::model::{Api, Endpoint, Field, Place, Type, TypeKind};

use crate::stop::Stop;
use crate::{download, known, output};

/// Set by the script of a shell. It is ours alone: the one that clap has for all programs may be set for another one.
const VARIABLE: &str = "LARKSPUR_COMPLETE";
const NAME: &str = "larkspur";

const AFTER_HELP: &str = "\
Examples:
  echo 'source <(larkspur completions bash)' >> ~/.bashrc
  echo 'source <(larkspur completions zsh)' >> ~/.zshrc
  larkspur completions fish > ~/.config/fish/completions/larkspur.fish
  larkspur completions powershell | Out-String | Invoke-Expression     in $PROFILE

The script asks the program itself. Made anew after an update, as the first two are with each shell, it always fits.

Exit codes: 0 done, 2 wrong usage or could not run";

/// Print what a shell needs to complete commands, endpoints and fields.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// Which shell.
    shell: Shell,
}

#[derive(Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Stop> {
    let name = arguments.shell.name();
    let shells = Shells::builtins();
    let shell = shells
        .completer(name)
        .ok_or_else(|| Stop::unable(format!("there are no completions for {name}")))?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, NAME, NAME, &program(), &mut script)?;
    let mut output = output::plain();
    output.write_all(&script)?;
    output.flush()?;
    Ok(())
}

/// How the script calls this program: as it was called, and from wherever the shell then is.
fn program() -> String {
    let called = PathBuf::from(std::env::args_os().next().unwrap_or_else(|| NAME.into()));
    let absolute = match called.components().count() {
        1 => called,
        _ => std::env::current_dir().map_or(called.clone(), |here| here.join(called)),
    };
    absolute.to_string_lossy().into_owned()
}

/// Answers a shell that asks, and ends the program; does nothing otherwise.
pub(crate) fn answer(command: fn() -> clap::Command) {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// Completes the id of an endpoint.
pub(crate) fn endpoints() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| ids(current, |_| true))
}

/// Completes the id of an endpoint whose answer is a file.
pub(crate) fn files() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| ids(current, download::gives_a_file))
}

/// Completes a field of the endpoint that the command line names.
pub(crate) fn parameters() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| fields(current).unwrap_or_default())
}

/// Endpoints that begin so. Nobody is there to be told of a failure.
fn ids(current: &OsStr, wanted: fn(&Endpoint) -> bool) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else {
        return Vec::new();
    };
    let Ok(api) = words::beginning(text) else {
        return Vec::new();
    };
    let found = api.endpoints().map(|(_, endpoint)| endpoint);
    let mut found: Vec<_> = found
        .filter(|endpoint| endpoint.id.starts_with(text) && wanted(endpoint))
        .collect();
    found.sort_by_key(|endpoint| &endpoint.id);
    let candidate = |endpoint: &Endpoint| {
        let help = endpoint.summary.clone().map(Into::into);
        CompletionCandidate::new(&endpoint.id).help(help)
    };
    found.into_iter().map(candidate).collect()
}

fn fields(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let text = current.to_str()?;
    let (api, id) = words::endpoint()?;
    let (_, endpoint) = known::find(&api, &id).ok()?;
    let candidates = endpoint.fields.iter().flat_map(|field| of_field(&api, field, text));
    Some(candidates.collect())
}

/// The name of a field with what comes behind it or, once that stands there, its values where the spec has them all.
fn of_field(api: &Api, field: &Field, text: &str) -> Vec<CompletionCandidate> {
    let begun = |candidate: &String| candidate.starts_with(text);
    if let Some((name, _)) = text.split_once('=') {
        let values = values(api, field.ty.named().filter(|_| name == field.key));
        let all = values.into_iter().map(|value| format!("{name}={value}"));
        return all.filter(begun).map(CompletionCandidate::new).collect();
    }
    let name = format!("{}{}", field.key, sign(api, &field.ty));
    let told = [required(field), field.doc.clone()].into_iter().flatten();
    let help = told.collect::<Vec<_>>().join(", ");
    let candidate = |name| CompletionCandidate::new(name).help((!help.is_empty()).then(|| help.into()));
    Some(name).filter(begun).map(candidate).into_iter().collect()
}

fn required(field: &Field) -> Option<String> {
    (field.required || field.place == Place::Path).then(|| "required".to_owned())
}

/// What stands between the name of a field and its value.
fn sign(api: &Api, ty: &Type) -> &'static str {
    let is_object = |ty: &Type| match ty {
        Type::Named(id) => matches!(api.type_def(*id).kind, TypeKind::Object(_)),
        _ => false,
    };
    match ty {
        Type::File => "=@",
        Type::Map(_) | Type::Any => ":=",
        Type::List(inner) if is_object(inner) => ":=",
        ty if is_object(ty) => ":=",
        _ => "=",
    }
}

fn values(api: &Api, id: Option<larkspur_codegen::model::TypeId>) -> Vec<String> {
    match id.map(|id| &api.type_def(id).kind) {
        Some(TypeKind::StringEnum(variants)) => variants.iter().map(|variant| variant.value.clone()).collect(),
        Some(TypeKind::IntEnum(variants)) => variants.iter().map(|variant| variant.value.to_string()).collect(),
        _ => Vec::new(),
    }
}
