//! `larkspur completions`: shell completions for commands, endpoints and their fields.
//!
//! The registered script calls this program at each completion. The words of the command line are its arguments, and an
//! environment variable holds the name of the shell.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::Shells;
use larkspur_codegen::command::output::{self, Stop};
use larkspur_codegen::command::{self as spec, find_endpoint};
use larkspur_codegen::index::{Index, IndexEntry};
use larkspur_codegen::model::{Api, Field, Place, Type, TypeId, TypeKind};
use larkspur_codegen::names::is_endpoint_id;

use crate::endpoints::{embedded_index, load_endpoint};

/// Set by the registered script. Other programs use clap's default variable.
const VARIABLE: &str = "LARKSPUR_COMPLETE";
const NAME: &str = "larkspur";

const AFTER_HELP: &str = "\
Examples:
  echo 'source <(larkspur completions bash)' >> ~/.bashrc
  echo 'source <(larkspur completions zsh)' >> ~/.zshrc
  larkspur completions fish > ~/.config/fish/completions/larkspur.fish
  larkspur completions powershell | Out-String | Invoke-Expression     in $PROFILE

The script calls this program for each completion. Regenerate it after an update of larkspur; the bash and zsh lines
above do so in each new shell.

Exit codes: 0 success, 2 usage or setup error";

/// Print a script that completes commands, endpoints and fields.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The shell.
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
        .ok_or_else(|| Stop::unable(format!("no completions for {name}")))?;
    let mut script = Vec::new();
    shell.write_registration(VARIABLE, NAME, NAME, &program_path(), &mut script)?;
    let mut script = String::from_utf8_lossy(&script).into_owned();
    if matches!(arguments.shell, Shell::Zsh) {
        script = adapt_zsh_script(&script);
    }
    let mut output = output::plain();
    output.write_all(script.as_bytes())?;
    output.flush()?;
    Ok(())
}

/// Changes to the script of clap for zsh: what it contains, and what replaces it.
const ZSH_CHANGES: [(&str, &str); 4] = [
    // A shell without completions has no `compdef`.
    (
        "#compdef larkspur\n",
        "#compdef larkspur\n(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }\n",
    ),
    (
        "        local -a other=()\n",
        "        local -a other=()\n        local -a names=()\n",
    ),
    // A value follows the name of a field, so that no blank does. The colon of `:=` is escaped.
    (
        "            else\n                other+=(\"$completion\")\n",
        "            elif [[ \"$value\" == *= || \"$value\" == *=@ || \"$value\" == *\\\\ ]]; then\n                \
         names+=(\"$completion\")\n            else\n                other+=(\"$completion\")\n",
    ),
    (
        "        [[ -n $other ]] &&",
        "        [[ -n $names ]] && _describe -V 'values' names -S ''\n        [[ -n $other ]] &&",
    ),
];

fn adapt_zsh_script(script: &str) -> String {
    let changes = ZSH_CHANGES.iter();
    changes.fold(script.to_owned(), |script, (from, to)| script.replacen(from, to, 1))
}

/// Returns the path of this program as it was called, made absolute unless it is found through `PATH`.
fn program_path() -> String {
    let called = PathBuf::from(std::env::args_os().next().unwrap_or_else(|| NAME.into()));
    let absolute = match called.components().count() {
        1 => called,
        _ => std::env::current_dir().map_or(called.clone(), |directory| directory.join(called)),
    };
    absolute.to_string_lossy().into_owned()
}

/// Prints completions and exits if a shell requests them.
pub(crate) fn complete_if_requested(command: fn() -> clap::Command) {
    CompleteEnv::with_factory(command).var(VARIABLE).complete();
}

/// Completes the id of an endpoint.
pub(crate) fn endpoint_ids() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| complete_id(current, |_| true))
}

/// Completes the id of an endpoint that responds with a file.
pub(crate) fn file_endpoint_ids() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| complete_id(current, |endpoint| endpoint.file))
}

/// Completes a field of the endpoint on the command line.
pub(crate) fn parameters() -> ArgValueCompleter {
    ArgValueCompleter::new(|current: &OsStr| complete_parameter(current).unwrap_or_default())
}

/// Errors give no candidates, as a completion cannot report them.
fn complete_id(current: &OsStr, is_candidate: fn(&IndexEntry) -> bool) -> Vec<CompletionCandidate> {
    let Some(text) = current.to_str() else {
        return Vec::new();
    };
    let Ok(index) = selected_index() else {
        return Vec::new();
    };
    let found = index.endpoints.iter();
    let found = found.filter(|endpoint| endpoint.id.starts_with(text) && is_candidate(endpoint));
    let candidate = |endpoint: &IndexEntry| {
        let help = endpoint.summary.clone().map(Into::into);
        CompletionCandidate::new(&endpoint.id).help(help)
    };
    found.map(candidate).collect()
}

fn complete_parameter(current: &OsStr) -> Option<Vec<CompletionCandidate>> {
    let text = current.to_str()?;
    let (api, id) = called_endpoint()?;
    let (_, endpoint) = find_endpoint(&api, &id).ok()?;
    let candidates = endpoint
        .fields
        .iter()
        .flat_map(|field| complete_field(&api, field, text));
    Some(candidates.collect())
}

/// Completes the name of a field with its separator, or the value of an enum after `NAME=`.
fn complete_field(api: &Api, field: &Field, text: &str) -> Vec<CompletionCandidate> {
    let matches = |candidate: &String| candidate.starts_with(text);
    if let Some((name, _)) = text.split_once('=') {
        let values = enum_values(api, field.ty.named().filter(|_| name == field.key));
        let all = values.into_iter().map(|value| format!("{name}={value}"));
        return all.filter(matches).map(CompletionCandidate::new).collect();
    }
    let name = format!("{}{}", field.key, separator(api, &field.ty));
    let required = (field.required || field.place == Place::Path).then(|| "required".to_owned());
    let help = [required, field.doc.clone()].into_iter().flatten();
    let help = help.collect::<Vec<_>>().join(", ");
    let candidate = |name| CompletionCandidate::new(name).help((!help.is_empty()).then(|| help.into()));
    Some(name).filter(matches).map(candidate).into_iter().collect()
}

/// Returns the separator between the name of a field and its value.
fn separator(api: &Api, ty: &Type) -> &'static str {
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

fn enum_values(api: &Api, id: Option<TypeId>) -> Vec<String> {
    match id.map(|id| &api.type_def(id).kind) {
        Some(TypeKind::StringEnum(variants)) => variants.iter().map(|variant| variant.value.clone()).collect(),
        Some(TypeKind::IntEnum(variants)) => variants.iter().map(|variant| variant.value.to_string()).collect(),
        _ => Vec::new(),
    }
}

/// Returns the words of the command line to complete, which follow `--`. Words that are not UTF-8 are skipped.
fn command_line_words() -> Vec<String> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    words.filter_map(|word| word.into_string().ok()).collect()
}

/// Loads the spec of a `--spec` on the command line.
fn load_selected_spec(words: &[String]) -> Option<Result<Api, Stop>> {
    let position = words.iter().position(|word| word == "--spec")?;
    let directory = words.get(position + 1)?;
    Some(spec::read(Path::new(directory)).and_then(|source| spec::load(&source)))
}

/// Returns the index of the spec on the command line, else that of the embedded one.
fn selected_index() -> Result<Index, Stop> {
    match load_selected_spec(&command_line_words()) {
        Some(selected) => Ok(Index::new(&selected?)),
        None => embedded_index(),
    }
}

/// Returns the endpoint after `call` on the command line.
fn called_endpoint() -> Option<(Api, String)> {
    let words = command_line_words();
    let arguments = words.iter().skip_while(|word| *word != "call").skip(1);
    let mut ids = arguments.filter(|word| is_endpoint_id(word));
    ids.find_map(|id| {
        let api = load_selected_spec(&words).unwrap_or_else(|| load_endpoint(id)).ok()?;
        api.endpoint(id).is_some().then(|| (api, id.clone()))
    })
}
