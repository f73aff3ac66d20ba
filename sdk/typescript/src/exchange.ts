/** One HTTP attempt against the API, on its way to becoming an event. */

import { randomBytes } from "node:crypto";

import { Answer } from "./answer.js";
import type { Dimensions } from "./scope.js";
import { type Json, count, object, postable } from "./usage.js";

/** As it is posted, but for `sent_at`. */
export type Event = Json & { model: string };

const LONGEST_HEADER = 256;

/** `messages`, `messages/count_tokens` or `messages/batches`; nothing for calls that count for no limit. */
export function endpointOf(url: string): string | undefined {
  const path = new URL(url).pathname.replace(/\/$/, "");
  return /\/v1\/(messages$|messages\/count_tokens$|messages\/batches(?=\/|$))/.exec(path)?.[1];
}

/** What is known of an attempt before it is sent. */
export interface Attempt {
  endpoint: string;
  body: unknown;
  stream: boolean;
  attempt: number;
  dimensions: Dimensions;
}

/** Follows one attempt: sent, answered, body read, ended. Reports exactly one event, when it ends. */
export class Exchange {
  readonly isMessage: boolean;
  readonly #event: Event;
  readonly #sent = performance.now();
  #report: ((event: Event) => void) | undefined;
  /** Nothing, if what it says is of no interest or cannot be read. */
  #answer: Answer | undefined;
  #failed = false;

  constructor(report: (event: Event) => void, { endpoint, body, stream, attempt, dimensions }: Attempt) {
    const asked = object(body) ?? {};
    this.#report = report;
    this.isMessage = endpoint === "messages";
    this.#event = {
      at: new Date().toISOString(),
      model: modelAsked(asked),
      endpoint,
      attempt,
      ...dimensions,
    };
    if (this.isMessage) {
      this.#event.stream = stream;
      if (count(asked.max_tokens) !== undefined) this.#event.max_tokens = count(asked.max_tokens);
    }
    this.#answer = new Answer(stream);
  }

  /** Status and headers are there. */
  answered(response: Response): void {
    this.#event.status = response.status;
    this.#failed = !response.ok;
    const id = response.headers.get("request-id");
    if (id && id.length <= 128) this.#event.id = id;
    const kept = [...response.headers].filter(
      ([name, value]) =>
        (name === "retry-after" || name.startsWith("anthropic-")) && value.length <= LONGEST_HEADER,
    );
    if (kept.length > 0) this.#event.headers = Object.fromEntries(kept);
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
    const said = this.#answer?.scanner;
    this.#finish(this.#failed || !said || said.stopped ? undefined : "interrupted");
  }

  /** The caller stopped reading, perhaps after all that matters. */
  stoppedReading(): void {
    const said = this.#answer?.scanner;
    if (this.#failed || said?.stopped) this.#finish(undefined);
    else this.#finish(said?.error ? "interrupted" : "client_cancelled");
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
    const said = this.#answer?.said();
    if (said?.error != null) {
      const error = object(said.error);
      const code = text(object(error?.details)?.error_code);
      event.error = { type: text(error?.type), ...(code === undefined ? {} : { code }) };
    }
    if (said && this.isMessage) {
      event.model = text(said.model) || event.model;
      if (text(said.stop_reason)) event.stop_reason = said.stop_reason;
      if (said.usage) event.usage = postable(said.usage);
    }
    event.id ??= randomId();
    return event;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** The model of the request; of a batch, the one that all its requests have. */
function modelAsked(body: Json): string {
  const requests = Array.isArray(body.requests) ? body.requests : [];
  const models = new Set(requests.map((request) => object(object(request)?.params)?.model));
  const model = body.model ?? (models.size === 1 ? [...models][0] : undefined);
  return typeof model === "string" && model ? model : "unknown";
}

/** A UUID of version 7 (RFC 9562): begins with its time, so that Tacho finds it fast. */
function randomId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
