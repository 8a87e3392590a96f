// Validates the output of `larkspur spec check --format sarif` with the schema of SARIF 2.1.0.
//
//   node sarif.mjs NODE_MODULES SCHEMA FILE...

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import assert from "node:assert/strict";

const [modules, schema, ...files] = process.argv.slice(2);
const installed = createRequire(`${modules}/`);
const Ajv = installed("ajv").default;
const addFormats = installed("ajv-formats").default;

const read = async (path) => JSON.parse(await readFile(path, "utf8"));
const official = await read(schema);
// The schema is not compatible with Unicode regular expressions and with the strict mode of ajv.
const options = { strict: false, unicodeRegExp: false, allErrors: true };
const validate = addFormats(new Ajv(options)).compile(official);

test("the schema is SARIF 2.1.0", () => {
  assert.match(official.$id, /sarif-schema-2\.1\.0\.json$/);
  assert.equal(validate({ version: "2.1.0", runs: [{}] }), false, "a run has a tool");
});

for (const file of files) {
  test(`${file} is SARIF`, async () => {
    validate(await read(file));
    assert.deepEqual(validate.errors, null);
  });
}
