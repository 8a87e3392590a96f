use crate::support::run::{Outcome, larkspur};

#[test]
fn help_of_each_command_has_examples() -> Outcome {
    for command in [
        &["demo"][..],
        &["mock"],
        &["spec", "gen"],
        &["spec", "check"],
        &["spec", "diff"],
        &["spec", "export"],
        &["download"],
        &["call"],
        &["api"],
        &["list"],
        &["completions"],
        &["export"],
        &["media"],
    ] {
        let ran = larkspur(&[command, &["--help"]].concat())?;
        assert_eq!(ran.code, Some(0), "{command:?}");
        assert!(ran.out.contains("Examples:"), "{command:?}: {}", ran.out);
    }
    Ok(())
}

#[test]
fn help_lists_commands_and_exit_codes() -> Outcome {
    let help = larkspur(&["--help"])?.out;
    for word in [
        "demo",
        "mock",
        "gen",
        "spec",
        "download",
        "call",
        "api",
        "list",
        "completions",
        "export",
        "media",
        "Exit codes of all commands:",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    Ok(())
}

#[test]
fn usage_error_exits_2_on_stderr() -> Outcome {
    for arguments in [
        &[][..],
        &["dem"],
        &["spec", "export", "--format", "xml"],
        &["mock", "--port", "many"],
    ] {
        let ran = larkspur(arguments)?;
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(ran.err.contains("Usage") || ran.err.contains("--help"), "{}", ran.err);
    }
    Ok(())
}
