use crate::support::run::{Outcome, larkspur};

#[test]
fn every_command_explains_itself_with_examples() -> Outcome {
    for command in [
        &["demo"][..],
        &["mock"],
        &["spec", "gen"],
        &["spec", "check"],
        &["spec", "diff"],
        &["spec", "export"],
        &["download"],
        &["call"],
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
fn the_help_lists_the_commands_and_the_exit_codes() -> Outcome {
    let help = larkspur(&["--help"])?.out;
    for word in [
        "demo",
        "mock",
        "gen",
        "spec",
        "download",
        "call",
        "list",
        "completions",
        "export",
        "media",
        "Exit codes: 0",
    ] {
        assert!(help.contains(word), "{word}: {help}");
    }
    Ok(())
}

#[test]
fn wrong_usage_ends_with_two_and_says_so_on_standard_error() -> Outcome {
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
