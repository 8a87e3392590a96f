// The spec in an editor: no diagnostics in existing files, a diagnostic at the right position in an invalid one,
// completions of keys, and descriptions of keys.
//
//   node editor.mjs NODE_MODULES SPEC

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";

import { LanguageServer } from "./language_server.mjs";

const [modules, spec] = process.argv.slice(2);

const server = await LanguageServer.start(modules, spec);

/** An unsaved file in a directory of spec files. */
const draft = (name) => join(spec, "drive", "v1", `${name}.yaml`);

const HEAD = "# yaml-language-server: $schema=../../schema.json\nendpoints:\n  get:\n    http: GET /open-apis/drive/v1/files\n";

const files = (await readdir(spec, { recursive: true })).filter((name) => name.endsWith(".yaml")).sort();

test("there are spec files", () => assert.ok(files.length > 0));

for (const file of files) {
  test(`no diagnostics in ${file}`, async () => {
    const path = join(spec, file);
    assert.deepEqual(await server.open(path, await readFile(path, "utf8")), []);
  });
}

// The mistake, its line, and the part with the diagnostic.
const broken = [
  ["an unknown key", "    querry: {}", "querry"],
  ["an unknown key of a field", "    query: { name: { type: string, maximum: 3 } }", "maximum"],
  ["an unknown value", "    tokens: [tennant]", "tennant"],
  ["an invalid limit", "    limits: [5/week]", "5/week"],
  ["a text in place of a list", "    notes: A note.", "A note."],
  ["a list in place of a text", "    summary: [Gets it.]", "[Gets it.]"],
  ["a field without a type", "    query: { name: { doc: A name. } }", "name"],
  ["a rule that cannot be allowed", "    allow: { unknown-key: Because. }", "unknown-key"],
];

for (const [index, [what, line, part]] of broken.entries()) {
  test(`${what} has a diagnostic at its position`, async () => {
    const found = await server.open(draft(`broken_${index}`), `${HEAD}${line}\n`);
    const places = found.map(({ range }) => `${range.start.line}:${range.start.character}`);
    assert.ok(places.includes(`4:${line.indexOf(part)}`), JSON.stringify(found, null, 1));
  });
}

// The text before the cursor, and some of the expected completions.
const written = [
  ["the keys of an endpoint", `${HEAD}    `, ["summary", "docs", "tokens", "scopes", "limits", "query", "response", "poll"]],
  ["the keys of a field", `${HEAD}    query:\n      name:\n        `, ["type", "required", "doc", "min_length", "enum"]],
  ["the keys of a file", "# yaml-language-server: $schema=../../schema.json\n", ["doc", "endpoints", "types"]],
  ["the kinds of a token", `${HEAD}    tokens:\n      - `, ["tenant", "user", "app"]],
  ["the rules that can be allowed", `${HEAD}    allow:\n      `, ["missing-limits", "unused-type"]],
];

for (const [index, [what, text, expected]] of written.entries()) {
  test(`${what} are offered`, async () => {
    const path = draft(`written_${index}`);
    await server.open(path, text);
    const lines = text.split("\n");
    const offered = await server.complete(path, lines.length - 1, lines.at(-1).length);
    const missing = expected.filter((key) => !offered.includes(key));
    assert.deepEqual(missing, [], `offered: ${offered.join(", ")}`);
  });
}

test("hover describes a key", async () => {
  const path = draft("explained");
  await server.open(path, `${HEAD}    limits: [5/second]\n`);
  assert.match(await server.hover(path, 4, 6), /Rate limits/);
});

test("the server stops", () => server.stop());
