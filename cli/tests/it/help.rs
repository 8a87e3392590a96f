use crate::support::run::{Outcome, command, larkspur, run};

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

#[test]
fn help_wraps_at_words() -> Outcome {
    let wide = larkspur(&["media", "--help"])?.out;
    let mut narrow = command(&["media", "--help"]);
    let narrow = run(narrow.env("COLUMNS", "60"))?.out;
    let longest = |help: &str| help.lines().map(|line| line.chars().count()).max();
    assert!(longest(&narrow) <= Some(60), "{narrow}");
    assert!(longest(&wide) > Some(60), "{wide}");
    let words = |help: &str| help.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&narrow), words(&wide));
    Ok(())
}
