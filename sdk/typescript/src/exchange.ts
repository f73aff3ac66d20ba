/** One HTTP attempt against the API, on its way to becoming an event. */

import { randomBytes } from "node:crypto";

import { Answer } from "./answer.js";
import { cut, wasCut, word } from "./names.js";
import type { Dimensions } from "./scope.js";
import { type Json, ODD, type Told, count, fitted, object, posted } from "./usage.js";

/** As it is posted, but for `sent_at`. */
export type Event = Json & { model: string };

const LONGEST_HEADER = 256;
const LONGEST_WORD_BYTES = 256;
// Tacho takes 64 KiB. What is left is for the time it is sent at.
const LARGEST_EVENT = 64_000;

// Below these nothing is generated, and answers may be large: they are not read.
const FREE = ["messages/count_tokens", "messages/batches", "files", "models", "organizations", "skills"];
const GENERATING = ["messages", "complete"];
const READS = new Set(["GET", "HEAD", "DELETE", "OPTIONS"]);
const LONGEST_ENDPOINT = 128;

/**
 * The path at the API without `/v1/`, query and ids: `messages`, `messages/batches/{id}`. Nothing for calls to
 * something else.
 */
export function endpointOf(url: string): string | undefined {
  const path = /.*\/v1\/(.*)/.exec(new URL(url).pathname)?.[1];
  const words = path?.split("/").filter((word) => word !== "");
  return words?.map((word) => (/[0-9]/.test(word) ? "{id}" : word)).join("/").slice(0, LONGEST_ENDPOINT) || undefined;
}

/** Whether a call may have used tokens, as far as its endpoint says. */
export function mayGenerate(method: string, endpoint: string): boolean {
  return !READS.has(method.toUpperCase()) && !isWithin(endpoint, FREE);
}

/** What Tacho counts a call as, where the endpoint alone would say that it generates: what only reads does not. */
export function classOf(method: string, endpoint: string): string | undefined {
  const isListed = isWithin(endpoint, GENERATING) && !isWithin(endpoint, FREE);
  return READS.has(method.toUpperCase()) && isListed ? "other" : undefined;
}

function isWithin(endpoint: string, listed: string[]): boolean {
  return listed.some((one) => endpoint === one || endpoint.startsWith(`${one}/`));
}

/** What is known of an attempt before it is sent. */
export interface Attempt {
  method: string;
  endpoint: string;
  body: unknown;
  stream: boolean;
  attempt: number;
  dimensions: Dimensions;
}

/** Follows one attempt: sent, answered, body read, ended. Reports exactly one event, when it ends. */
export class Exchange {
  /** It may have used tokens, which its answer says. */
  readonly generates: boolean;
  readonly #event: Event;
  readonly #sent = performance.now();
  #report: ((event: Event) => void) | undefined;
  /** Nothing, if what it says is of no interest or cannot be read. */
  #answer: Answer | undefined;
  #failed = false;

  constructor(report: (event: Event) => void, { method, endpoint, body, stream, attempt, dimensions }: Attempt) {
    const asked = object(body) ?? {};
    this.#report = report;
    this.generates = mayGenerate(method, endpoint);
    this.#event = {
      at: new Date().toISOString(),
      model: modelAsked(asked),
      endpoint,
      attempt,
      ...dimensions,
    };
    if (READS.has(method.toUpperCase())) this.#event.usage = { input_tokens: 0, output_tokens: 0 };
    const endpointClass = classOf(method, endpoint);
    if (endpointClass) this.#event.endpoint_class = endpointClass;
    if (this.generates) {
      this.#event.stream = stream;
      if (count(asked.max_tokens) !== undefined) this.#event.max_tokens = count(asked.max_tokens);
    }
    this.#answer = new Answer(stream);
  }

  /** Status and headers are there. */
  answered(response: Response): void {
    this.#event.status = response.status;
    this.#failed = !response.ok;
    const id = requestId(response.headers);
    if (id) this.#event.id = id;
    const kept = [...response.headers].filter(
      ([name, value]) =>
        (name === "retry-after" || name.startsWith("anthropic-")) && value.length <= LONGEST_HEADER,
    );
    if (kept.length > 0) this.#event.headers = Object.fromEntries(kept);
    this.#answer?.isOf(response.headers.get("content-type") ?? "");
  }

  /** The answer is an error. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The next bytes of the body. */
  chunk(bytes: Uint8Array): void {
    this.#answer?.feed(bytes);
    if (this.#answer?.scanner?.contentBegan) this.#event.ttft_ms ??= this.#elapsedMs();
  }

  /** All of it was read. A stream that ends before it says so was cut where HTTP does not notice. */
  ended(): void {
    this.#answer?.end();
    this.#finish(!this.#answer?.scanner || this.#hasCome() ? undefined : "interrupted");
  }

  /** The caller stopped reading, perhaps after all that matters. */
  stoppedReading(): void {
    this.#finish(this.#hasCome() ? undefined : "client_cancelled");
  }

  /** What the body says is of no interest, or cannot be read. */
  unread(): void {
    this.#answer = undefined;
    this.#finish(undefined);
  }

  /** The connection broke while the answer was read. */
  broke(): void {
    this.#finish("interrupted");
  }

  /** No response came. */
  unanswered(outcome: "unreachable" | "client_cancelled", error?: string): void {
    if (error) this.#event.error = { type: error };
    this.#finish(outcome);
  }

  /** Nothing more is to come that matters: behind its last event, or an error. */
  #hasCome(): boolean {
    const said = this.#answer?.scanner;
    return this.#failed || said?.stopped === true || said?.error !== undefined;
  }

  #elapsedMs(): number {
    return Math.round(performance.now() - this.#sent);
  }

  /** Reports, once. Whatever goes wrong here is no business of the call's. */
  #finish(outcome: string | undefined): void {
    const report = this.#report;
    this.#report = undefined;
    try {
      report?.(this.#complete(outcome));
    } catch {
      // Lost.
    }
  }

  #complete(outcome: string | undefined): Event {
    const event = this.#event;
    event.duration_ms = this.#elapsedMs();
    if (outcome) event.outcome = outcome;
    if (this.#answer) this.#takeUp(this.#answer.said());
    this.#cutModel();
    event.id ??= randomId();
    return event;
  }

  #takeUp({ words, usage: told }: { words: Json; usage: Told }): void {
    const event = this.#event;
    const error = errorOf(words);
    if (error) event.error = error;
    if (!this.generates) return;
    event.stream ||= this.#answer?.scanner !== undefined;
    event.model = word(words.model) ?? event.model;
    const stopReason = word(words.stop_reason);
    if (stopReason) event.stop_reason = kept(stopReason);
    this.#cutModel();
    const usage = fitted(posted(told), LARGEST_EVENT - Buffer.byteLength(JSON.stringify(event)));
    if (usage !== undefined) event.usage = usage;
    if (told.isUnreadable && usage !== ODD) this.#remark("usage_unreadable", "usage");
  }

  /** As Tacho cuts it; a second time changes nothing. */
  #cutModel(): void {
    const { model } = this.#event;
    this.#event.model = kept(model);
    if (wasCut(model, this.#event.model)) this.#remark("cut", "model");
  }

  #remark(code: string, field: string): void {
    this.#event.remarks = [...((this.#event.remarks as Json[] | undefined) ?? []), { code, field }];
  }
}

/** The API's error, without what it says in words. */
function errorOf(said: Json): Json | undefined {
  const error = object(said.error);
  const type = word(error?.type);
  if (type === undefined && said.type !== "error") return undefined;
  const code = word(object(error?.details)?.error_code);
  return { type: kept(type ?? ""), ...(code === undefined ? {} : { code: kept(code) }) };
}

function kept(word: string): string {
  return cut(word, LONGEST_WORD_BYTES);
}

/** What the proxy calls it, if the call went through it: so it counts once. Otherwise what the API does. */
function requestId(headers: Headers): string | undefined {
  const given = ["x-tacho-request-id", "request-id"].map((name) => headers.get(name) ?? "");
  return given.find((id) => /^[\x20-\x7e]{1,128}$/.test(id));
}

/** The model of the request, or the word for none that the proxy has. */
function modelAsked({ model }: Json): string {
  return word(model) ?? "(none)";
}

/** A UUID of version 7 (RFC 9562): begins with its time, so that Tacho finds it fast. */
function randomId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
