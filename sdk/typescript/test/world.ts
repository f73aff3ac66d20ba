/** The world the tests run in: a real Tacho, and an API that answers as the real one does. */

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { type Server, createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { gunzipSync } from "node:zlib";

import Anthropic from "@anthropic-ai/sdk";
import * as tacho from "@tacho/hook";

export type Event = Record<string, any>;

export const ASK = {
  model: "claude-sonnet-5-5",
  max_tokens: 1024,
  messages: [{ role: "user" as const, content: "a secret question" }],
};

export function setting(name: string): string {
  const value = process.env[name];
  if (!value)
    throw new Error(
      `${name} is not set: these tests need TACHO_URL, TACHO_KEY, TACHO_READ_KEY, UPSTREAM_URL`,
    );
  return value;
}

/** What the API shall do, as options of a call. */
export function scenario(words: string): { headers: Record<string, string> } {
  return { headers: { "x-fake-scenario": words } };
}

export async function exchanges(): Promise<Event[]> {
  return (await fetch(`${setting("UPSTREAM_URL")}/fake/exchanges`)).json() as Promise<Event[]>;
}

/** What the API says it answered. */
export async function exchange(requestId: unknown): Promise<Event> {
  const found = (await exchanges()).filter((one) => one.request_id === requestId);
  assert.equal(found.length, 1, `${found.length} exchanges with ${requestId}`);
  return found[0]!;
}

/** A client without the hook, to compare with. */
export function bare(options: object = {}): Anthropic {
  return new Anthropic({
    baseURL: setting("UPSTREAM_URL"),
    apiKey: "sk-ant-api03-secret",
    maxRetries: 0,
    ...options,
  });
}

/** One test's view: a project of its own, so that tests do not see each other's events. */
export class World {
  readonly project = `p-${randomUUID()}`;
  readonly hook = tacho.hook(setting("TACHO_URL"), setting("TACHO_KEY"), { project: this.project });

  client(options: object = {}): Anthropic {
    return bare({ middleware: [this.hook], ...options });
  }

  /** The events of this test, oldest first, once all that was reported is on disk. */
  async stored(project: string = this.project): Promise<Event[]> {
    assert.ok(await this.hook.flush(10_000));
    const query = new URLSearchParams({ project, limit: "1000" });
    const headers = { authorization: `Bearer ${setting("TACHO_READ_KEY")}` };
    const page = (await (
      await fetch(`${setting("TACHO_URL")}/v1/events?${query}`, { headers })
    ).json()) as any;
    const events: Event[] = page.events;
    assert.ok(!JSON.stringify(events).includes("secret"));
    // As texts, `.07Z` would come behind `.074Z`. Two may be of the same millisecond; the ids of the API sort by time, by their bytes.
    const byId = (a: Event, b: Event): number => (a.id < b.id ? -1 : 1);
    return events.sort((a, b) => Date.parse(a.at) - Date.parse(b.at) || a.attempt - b.attempt || byId(a, b));
  }

  /** The only event of this test. */
  async one(): Promise<Event> {
    const events = await this.stored();
    assert.equal(events.length, 1);
    return events[0]!;
  }
}

/** The stored usage against the API's own word. */
export async function assertUsageIsWhatWasSent(event: Event): Promise<void> {
  const sent = (await exchange(event.id)).usage;
  assert.ok(sent);
  for (const name of ["input_tokens", "output_tokens", "cache_read_input_tokens"]) {
    assert.equal(event.usage[name], sent[name], name);
  }
  for (const name of ["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"]) {
    assert.equal(event.usage.cache_creation[name] ?? 0, sent.cache_creation?.[name] ?? 0, name);
  }
  assert.equal(event.usage.service_tier, sent.service_tier ?? "standard");
  assert.equal(event.usage.speed, sent.speed ?? "standard");
}

/** What `ask` finds, once it is what is waited for. */
export async function until<Found>(
  ask: () => Promise<Found>,
  isThere: (found: Found) => boolean,
): Promise<Found> {
  for (const end = Date.now() + 10_000; ;) {
    const found = await ask();
    if (isThere(found)) return found;
    assert.ok(Date.now() < end, JSON.stringify(found));
    await new Promise((turn) => setTimeout(turn, 20));
  }
}

/** What a promise is rejected with. */
export async function rejection(of: Promise<unknown>): Promise<any> {
  return of.then(
    () => assert.fail("it should have been rejected"),
    (error: unknown) => error,
  );
}

type Answer = { status: number; headers?: Record<string, string>; body?: unknown };

/** Stands where Tacho would: keeps what is posted, word for word, and answers what it is told to. */
export class Receiver {
  readonly answers: Answer[] = [];
  readonly batches: Event[][] = [];
  readonly paths: (string | undefined)[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", async (request, response) => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part);
      const body = Buffer.concat(parts);
      const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
      this.paths.push(request.url);
      this.batches.push(JSON.parse(text.toString()));
      const {
        status,
        headers,
        body: answer,
      } = this.answers.shift() ?? { status: 200, body: { results: [] } };
      response.writeHead(status, headers).end(JSON.stringify(answer ?? {}));
    });
  }

  static async start(): Promise<Receiver> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new Receiver(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get events(): Event[] {
    return this.batches.flat();
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** Stands where the API would, and answers what it is told to. */
export class Api {
  status = 200;
  headers: Record<string, string> = {};
  body: Uint8Array = Buffer.alloc(0);
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    server.on("request", (request, response) => {
      request.resume().on("end", () => response.writeHead(this.status, this.headers).end(this.body));
    });
  }

  static async start(): Promise<Api> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    return new Api(server);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

/** An address where connections are taken and nothing is ever answered. */
export async function hanging(): Promise<{ url: string; stop: () => void }> {
  const server = createTcpServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  server.on("connection", (socket) => socket.on("error", () => {}).unref());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => void server.close(),
  };
}

/** An address where nobody listens. */
export async function refusing(): Promise<string> {
  const { url, stop } = await hanging();
  stop();
  return url;
}
