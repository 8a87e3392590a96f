// yaml-language-server on its standard input and output, as an editor speaks to it.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** How long a response may take before the run fails, in milliseconds. */
const PATIENCE = 60_000;

export class LanguageServer {
  #process;
  #connection;
  #waiting = new Map();

  /** Starts the server that is installed below `modules`, for the workspace `root`. */
  static async start(modules, root) {
    const server = new LanguageServer();
    const installed = createRequire(`${modules}/`);
    const rpc = installed("vscode-jsonrpc/node");
    const program = installed.resolve("yaml-language-server/bin/yaml-language-server");
    server.#process = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    const { stdout, stdin } = server.#process;
    const connection = rpc.createMessageConnection(
      new rpc.StreamMessageReader(stdout),
      new rpc.StreamMessageWriter(stdin),
    );
    server.#connection = connection;
    connection.onRequest("workspace/configuration", ({ items }) => items.map(({ section }) => settings[section] ?? null));
    connection.onRequest(() => null);
    connection.onNotification("textDocument/publishDiagnostics", ({ uri, diagnostics }) => {
      server.#waiting.get(uri)?.(diagnostics);
    });
    connection.listen();
    await within("the server starts", connection.sendRequest("initialize", {
      processId: process.pid,
      rootUri: pathToFileURL(root).href,
      workspaceFolders: [{ uri: pathToFileURL(root).href, name: "spec" }],
      capabilities: {
        workspace: { configuration: true },
        textDocument: { publishDiagnostics: {}, completion: { completionItem: { snippetSupport: false } } },
      },
    }));
    await connection.sendNotification("initialized", {});
    await connection.sendNotification("workspace/didChangeConfiguration", { settings });
    return server;
  }

  /** Opens a file with this text, and gives what the editor would underline. */
  async open(path, text) {
    const uri = pathToFileURL(path).href;
    const published = new Promise((resolve) => this.#waiting.set(uri, resolve));
    const textDocument = { uri, languageId: "yaml", version: 1, text };
    await this.#connection.sendNotification("textDocument/didOpen", { textDocument });
    return await within(`${path} is judged`, published);
  }

  /** The labels that the editor would offer at a place, both numbers from 0. */
  async complete(path, line, character) {
    const textDocument = { uri: pathToFileURL(path).href };
    const request = this.#connection.sendRequest("textDocument/completion", {
      textDocument,
      position: { line, character },
    });
    const offered = await within(`${path} is completed`, request);
    return (offered?.items ?? offered ?? []).map(({ label }) => label);
  }

  /** What the editor would show of a place, both numbers from 0. */
  async hover(path, line, character) {
    const textDocument = { uri: pathToFileURL(path).href };
    const request = this.#connection.sendRequest("textDocument/hover", { textDocument, position: { line, character } });
    const shown = await within(`${path} is explained`, request);
    return shown?.contents?.value ?? "";
  }

  stop() {
    this.#connection.dispose();
    this.#process.kill();
  }
}

const settings = {
  yaml: {
    validate: true,
    completion: true,
    hover: true,
    // Nothing is got from the network: the spec files name the schema themselves.
    schemaStore: { enable: false, url: "" },
    schemas: {},
  },
  http: { proxy: "", proxyStrictSSL: true },
};

async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within a minute: ${what}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
