use crate::diff::pair::Pair;

const WITHOUT: &str = "    deprecated: { reason: Things stay. }\n";
const STARTS: &str = "    deprecated: { reason: Things stay. }
    response:
      ticket: { type: string, required: true }
      spare: { type: string, required: true }
    poll:
      endpoint: demo.v1.thing.outcome
      from_response: { ticket: ticket }
      state: status
      done: [0]
      failed: [3]

  outcome:
    http: GET /open-apis/demo/v1/outcomes/:ticket
    path:
      ticket: { type: string, required: true }
    response:
      status: { type: int, required: true }
      because: { type: string, required: true }

  verdict:
    http: GET /open-apis/demo/v1/verdicts/:ticket
    path:
      ticket: { type: string, required: true }
    response:
      status: { type: int, required: true }
";
const POLL: &str = "    poll:
      endpoint: demo.v1.thing.outcome
      from_response: { ticket: ticket }
      state: status
      done: [0]
      failed: [3]
";
const STARTED: (&str, &str) = (WITHOUT, STARTS);
const AFTERWARDS: &str =
    "fn poll(request: &Remove, response: &RemoveResponse) -> Option<Outcome> { request.poll(response) }";

pub const PAIRS: &[Pair] = &[
    Pair::new(
        "poll-added",
        &[(
            "      spare: { type: string, required: true }\n",
            "      spare: { type: string, required: true }
    poll:
      endpoint: demo.v1.thing.outcome
      from_response: { ticket: ticket }
      state: status
      done: [0]
      failed: [3]
",
        )],
    )
    .before(&[STARTED, (POLL, "")])
    .user("fn removes() -> Remove { Remove::new(\"thing\") }"),
    Pair::new("poll-changed", &[("{ ticket: ticket }", "{ ticket: spare }")])
        .before(&[STARTED])
        .user(AFTERWARDS),
    Pair::new("poll-changed", &[("done: [0]", "done: [0, 1]")])
        .before(&[STARTED])
        .user(AFTERWARDS),
    Pair::new(
        "poll-endpoint-changed",
        &[("endpoint: demo.v1.thing.outcome", "endpoint: demo.v1.thing.verdict")],
    )
    .before(&[STARTED])
    .user(AFTERWARDS),
    Pair::new(
        "poll-reason-changed",
        &[("      failed: [3]\n", "      failed: [3]\n      reason: because\n")],
    )
    .before(&[STARTED])
    .user(AFTERWARDS),
    Pair::new("poll-removed", &[(POLL, "")])
        .before(&[STARTED])
        .user(AFTERWARDS),
    Pair::new("poll-removed", &[(POLL, "")])
        .before(&[STARTED])
        .user("async fn waits(request: Outcome, client: &larkspur::Client) { let _ = request.wait(client).await; }"),
];
