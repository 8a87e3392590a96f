// The five endpoints by @larksuiteoapi/node-sdk, the platform's client for Node.js.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import * as lark from "@larksuiteoapi/node-sdk";

const client = new lark.Client({
  appId: process.env.LARKSPUR_APP_ID,
  appSecret: process.env.LARKSPUR_APP_SECRET,
  domain: process.env.LARKSPUR_BASE_URL,
  loggerLevel: lark.LoggerLevel.error,
});

async function compare(endpoint, token, content) {
  const expected = await readFile(join(process.env.FILES, token));
  if (!expected.equals(content)) {
    throw new Error(`node-sdk: ${endpoint} returned ${content.length} bytes that differ from the stored file`);
  }
  console.log(`node-sdk: ${endpoint} matches`);
}

async function download(endpoint, token, call) {
  const response = await call;
  await compare(endpoint, token, await buffer(response.getReadableStream()));
}

async function links() {
  const endpoint = "drive.v1.media.batch_get_tmp_download_url";
  const { code, msg, data } = await client.drive.v1.media.batchGetTmpDownloadUrl({
    params: { file_tokens: ["media_1", "im_1"] },
  });
  if (code !== 0) {
    throw new Error(`node-sdk: ${endpoint} failed: ${code} ${msg}`);
  }
  for (const { file_token, tmp_download_url } of data.tmp_download_urls) {
    const file = await fetch(tmp_download_url);
    await compare(`${endpoint} ${file_token}`, file_token, Buffer.from(await file.arrayBuffer()));
  }
}

const { drive, im, baike } = client;
await download("drive.v1.media.download", "media_1", drive.v1.media.download({ path: { file_token: "media_1" } }));
await links();
await download(
  "drive.v1.export_task.download",
  "export_1",
  drive.v1.exportTask.download({ path: { file_token: "export_1" } }),
);
await download("im.v1.file.get", "im_1", im.v1.file.get({ path: { file_key: "im_1" } }));
await download(
  "baike.v1.file.download",
  "baike_1",
  // Required by the documentation; the client does not set it.
  baike.v1.file.download(
    { path: { file_token: "baike_1" } },
    { headers: { "Content-Type": "application/json; charset=utf-8" } },
  ),
);
