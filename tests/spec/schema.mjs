// The JSON Schema of the spec format: it is valid by its draft, accepts the files that the loader accepts, and rejects
// invalid values.
//
//   node schema.mjs NODE_MODULES SCHEMA DIRECTORY...

import { readFile, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import assert from "node:assert/strict";

const [modules, path, ...directories] = process.argv.slice(2);
const installed = createRequire(`${modules}/`);
const Ajv = installed("ajv/dist/2020").default;
const addFormats = installed("ajv-formats").default;
const { parse } = createRequire(installed.resolve("yaml-language-server"))("yaml");

const schema = JSON.parse(await readFile(path, "utf8"));
const ajv = addFormats(new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false }));
const validate = ajv.compile(schema);

test("the schema is valid by its draft", () => {
  assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
  assert.ok(ajv.validateSchema(schema), JSON.stringify(ajv.errors));
});

for (const directory of directories) {
  const files = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith(".yaml"));
  test(`there are spec files in ${directory}`, () => assert.ok(files.length > 0));
  for (const file of files) {
    test(`accepts ${join(directory, file)}`, async () => {
      validate(parse(await readFile(join(directory, file), "utf8")));
      assert.deepEqual(validate.errors, null);
    });
  }
}

/** An endpoint with one invalid value. */
const INVALID = [
  { http: "FETCH /open-apis/a" },
  { updated: "yesterday" },
  { docs: "http://example.com" },
  { tokens: ["guest"] },
  { tokens: ["user", "user"] },
  { limits: ["5 a second"] },
  { envelope: "round" },
  { response: "bytes" },
  { errors: [{ name: "five" }] },
  { errors: [{ http: 42 }] },
  { lifetime: { of: "link" } },
  { body: { a: { required: true } } },
  { body: { a: { type: "text" } } },
  { body: { a: { type: "string", max_length: -1 } } },
  { body: { a: { type: "string", required: "yes" } } },
  { htpp: "GET /x" },
];

const file = (name, keys) => ({ endpoints: { [name]: { http: "POST /open-apis/a", ...keys } } });

test("accepts the endpoint without the invalid value", () => assert.ok(validate(file("get", {}))));

for (const keys of INVALID) {
  test(`rejects ${JSON.stringify(keys)}`, () => assert.ok(!validate(file("get", keys))));
}

test("rejects an endpoint name in upper case", () => assert.ok(!validate(file("Get", {}))));
