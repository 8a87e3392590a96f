//! Completions in bash.

use std::process::Command;

use crate::support::run::{Outcome, larkspur};

/// Sources the script and completes the last word.
const COMPLETE: &str = r#"
source <("$PROGRAM" completions bash) || exit 9
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9
_clap_complete_larkspur larkspur "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
printf '%s\n' "${COMPREPLY[@]}"
"#;

/// Returns the candidates that bash offers for the last word.
fn offered(words: &[&str]) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let output = Command::new("bash")
        .args(["--norc", "-c", COMPLETE, "bash", "larkspur"])
        .args(words)
        .env("PROGRAM", env!("CARGO_BIN_EXE_larkspur"))
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(out.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

/// Returns the endpoint ids with this prefix.
fn ids(begin: &str) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let api = larkspur_codegen::load(&larkspur_mock::embedded_spec())?;
    let ids = api.endpoints().map(|(_, endpoint)| endpoint.id.clone());
    let mut ids: Vec<_> = ids.filter(|id| id.starts_with(begin)).collect();
    ids.sort_unstable();
    Ok(ids)
}

#[test]
fn completes_endpoint_ids() -> Outcome {
    for begin in ["drive.v1.m", "dri", ""] {
        let expected = ids(begin)?;
        assert!(!expected.is_empty());
        for command in [&["call", begin][..], &["spec", "show", begin]] {
            let mut offered = offered(command)?;
            // For an empty word, options are offered as well.
            offered.retain(|word| !word.starts_with('-'));
            assert_eq!(offered, expected, "{command:?}");
        }
    }
    Ok(())
}

#[test]
fn completes_file_endpoints_for_download() -> Outcome {
    let offered = offered(&["download", "--endpoint", "drive.v1.m"])?;
    assert_eq!(offered, ["drive.v1.media.download"]);
    Ok(())
}

#[test]
fn completes_fields_of_endpoint() -> Outcome {
    let list = ["call", "im.v1.message.list", "--param"];
    assert_eq!(
        offered(&[&list[..], &["con"]].concat())?,
        ["container_id_type=", "container_id="]
    );
    // The words as bash splits them.
    let second = ["container_id", "=", "oc_1", "-p", "page"];
    assert_eq!(offered(&[&list[..], &second].concat())?, ["page_size=", "page_token="]);
    Ok(())
}

#[test]
fn completes_separator_of_field() -> Outcome {
    assert_eq!(
        offered(&["call", "im.v1.image.create", "-p", "image"])?,
        ["image_type=", "image=@"]
    );
    let record = ["call", "bitable.v1.app.table.record.create", "-p", "fields"];
    assert_eq!(offered(&record)?, ["fields:="]);
    Ok(())
}

#[test]
fn unknown_endpoint_has_no_completions() -> Outcome {
    assert_eq!(offered(&["call", "im.v1.message.lst", "-p", ""])?, Vec::<String>::new());
    Ok(())
}

#[test]
fn prints_script_for_each_shell() -> Outcome {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = larkspur(&["completions", shell])?;
        assert_eq!(ran.code, Some(0), "{shell}: {}", ran.err);
        assert!(ran.out.contains("LARKSPUR_COMPLETE"), "{shell}: {}", ran.out);
    }
    Ok(())
}

#[test]
fn ignores_completion_variable_of_others() -> Outcome {
    let mut command = crate::support::run::command(&["list", "im.v1.file.get"]);
    let ran = crate::support::run::run(command.env("COMPLETE", "bash"))?;
    assert!(ran.out.starts_with("im.v1.file.get "), "{}", ran.out);
    Ok(())
}

/// What the script of clap does for zsh and this one does not: no `compdef` without `compinit`, a blank after `name=`.
#[test]
fn zsh_script_needs_no_setup_and_adds_no_blank() -> Outcome {
    let script = larkspur(&["completions", "zsh"])?.out;
    assert!(
        script.starts_with("#compdef larkspur\n(( $+functions[compdef] )) || { autoload"),
        "{script}"
    );
    for line in [
        "        local -a names=()",
        "            elif [[ \"$value\" == *= || \"$value\" == *=@ || \"$value\" == *\\\\ ]]; then",
        "                names+=(\"$completion\")",
        "        [[ -n $names ]] && _describe -V 'values' names -S ''",
    ] {
        assert_eq!(
            script.lines().filter(|other| *other == line).count(),
            1,
            "{line}\n{script}"
        );
    }
    Ok(())
}
