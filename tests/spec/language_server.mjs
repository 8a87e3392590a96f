// A client of yaml-language-server over standard input and output.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Timeout of a response in milliseconds. */
const TIMEOUT = 60_000;

export class LanguageServer {
  #process;
  #connection;
  #waiting = new Map();

  /** Starts the server that is installed in `modules` for the workspace `root`. */
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
    await within("start of the server", connection.sendRequest("initialize", {
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

  /** Opens a file with this text and returns its diagnostics. */
  async open(path, text) {
    const uri = pathToFileURL(path).href;
    const diagnostics = new Promise((resolve) => this.#waiting.set(uri, resolve));
    const textDocument = { uri, languageId: "yaml", version: 1, text };
    await this.#connection.sendNotification("textDocument/didOpen", { textDocument });
    return await within(`diagnostics of ${path}`, diagnostics);
  }

  /** Returns the labels of the completions at a position, both numbers from 0. */
  async complete(path, line, character) {
    const textDocument = { uri: pathToFileURL(path).href };
    const response = this.#connection.sendRequest("textDocument/completion", {
      textDocument,
      position: { line, character },
    });
    const offered = await within(`completions of ${path}`, response);
    return (offered?.items ?? offered ?? []).map(({ label }) => label);
  }

  /** Returns the hover text at a position, both numbers from 0. */
  async hover(path, line, character) {
    const textDocument = { uri: pathToFileURL(path).href };
    const response = this.#connection.sendRequest("textDocument/hover", { textDocument, position: { line, character } });
    const shown = await within(`hover of ${path}`, response);
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
    // No network access: the spec files name the schema themselves.
    schemaStore: { enable: false, url: "" },
    schemas: {},
  },
  http: { proxy: "", proxyStrictSSL: true },
};

async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out after a minute: ${what}`)), TIMEOUT);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
